import type { MethodId, PoolKind } from "@plimsoll/risk";

/** A position as the ledger keeps it: exact decimal strings. */
export interface LedgerPosition {
  readonly instrumentId: string;
  /** Signed contracts: positive long. */
  readonly quantity: string;
  /** Average entry price in the unit of the instrument's mark, rounded against the account. */
  readonly entryPrice: string;
  /** Cumulative funding of the instrument up to which the position has paid; absent when the venue books funding itself. */
  readonly fundingIndex?: string;
}

export interface LedgerBalance {
  readonly asset: string;
  /** Signed units: negative is owed. */
  readonly amount: string;
}

/** What is left of an order that may fill at any time. */
export interface LedgerOrder {
  readonly orderId: string;
  readonly instrumentId: string;
  /** Signed contracts: positive buys. */
  readonly quantity: string;
  /** In the unit of the instrument's mark. */
  readonly price: string;
}

/** What a pool holds. Each list is sorted by name, with each name once and nothing that is zero. */
export interface PoolHoldings {
  readonly collateral: readonly LedgerBalance[];
  readonly positions: readonly LedgerPosition[];
  readonly openOrders: readonly LedgerOrder[];
}

/** What a pool is counted in and margined by, and what it holds. */
export interface PoolContents extends PoolHoldings {
  readonly poolCurrency: string;
  readonly methodId: MethodId;
}

/** A collateral pool by its name. One of kind `isolated` holds positions and orders of one instrument. */
export interface LedgerPool extends PoolContents {
  readonly poolId: string;
  readonly poolKind: PoolKind;
}

/** An account as of one sequence of its exchange. Its own contents are those of its cross pool. */
export interface LedgerAccount extends PoolContents {
  readonly accountId: string;
  readonly ledgerSequence: number;
  /** The pools beside the cross pool, sorted by id. */
  readonly pools: readonly LedgerPool[];
}

interface EventBase {
  readonly accountId: string;
  readonly ledgerSequence: number;
}

/** The whole account as of a sequence. */
export interface StateEvent extends EventBase, PoolContents {
  readonly kind: "account_state";
  readonly pools: readonly LedgerPool[];
}

/** A trade: positive quantity bought. */
export interface FillEvent extends EventBase {
  readonly kind: "fill";
  readonly poolId: string;
  readonly instrumentId: string;
  readonly quantity: string;
  readonly price: string;
  /** The order it fills; null where none rested. */
  readonly orderId: string | null;
  /** Cumulative funding at the trade; needed when the position held has one. */
  readonly fundingIndex?: string;
}

/** Funding settled up to a cumulative value: what one position has accrued since its own goes to cash. */
export interface FundingEvent extends EventBase {
  readonly kind: "funding";
  readonly poolId: string;
  readonly instrumentId: string;
  readonly fundingIndex: string;
}

/** A position settled: closed at what its instrument pays at the settlement price. */
export interface SettlementEvent extends EventBase {
  readonly kind: "settlement";
  readonly poolId: string;
  readonly instrumentId: string;
  /** Quote currency per unit of the underlying. */
  readonly settlementPrice: string;
  /** Cumulative funding at the settlement; needed when the position held has one. */
  readonly fundingIndex?: string;
}

/** A deposit, or a withdrawal when negative. */
export interface TransferEvent extends EventBase {
  readonly kind: "transfer";
  readonly poolId: string;
  readonly asset: string;
  readonly amount: string;
}

/** Collateral moved from one pool to another; the amount is positive. */
export interface PoolTransferEvent extends EventBase {
  readonly kind: "pool_transfer";
  readonly asset: string;
  readonly amount: string;
  readonly fromPoolId: string;
  readonly toPoolId: string;
}

export interface PoolOpenedEvent extends EventBase {
  readonly kind: "pool_opened";
  readonly poolId: string;
  readonly poolKind: PoolKind;
  readonly poolCurrency: string;
  readonly methodId: MethodId;
}

export interface PoolClosedEvent extends EventBase {
  readonly kind: "pool_closed";
  readonly poolId: string;
}

/** Orders of one pool as they stand now: placed or replaced by their id, or gone. */
export interface OrdersEvent extends EventBase {
  readonly kind: "orders";
  readonly poolId: string;
  readonly placed: readonly LedgerOrder[];
  readonly cancelledOrderIds: readonly string[];
}

export type LedgerEvent =
  | StateEvent
  | FillEvent
  | FundingEvent
  | SettlementEvent
  | TransferEvent
  | PoolTransferEvent
  | PoolOpenedEvent
  | PoolClosedEvent
  | OrdersEvent;

/** Why an event is refused as a whole: the field, its value, and what it must be. */
export interface LedgerRefusal {
  readonly kind: "refused";
  readonly field: string;
  readonly value: string;
  readonly problem: string;
}
