import type { MethodId, PoolKind } from "@plimsoll/risk";

/** A position as the ledger keeps it. Numbers are exact decimal strings. */
export interface LedgerPosition {
  readonly instrumentId: string;
  /** Signed number of contracts: positive is long. */
  readonly quantity: string;
  /** Average entry price in the unit of the instrument's mark, rounded against the account. */
  readonly entryPrice: string;
  /**
   * Cumulative funding of the instrument up to which the position has paid. It is absent if the venue books funding
   * itself.
   */
  readonly fundingIndex?: string;
}

export interface LedgerBalance {
  readonly asset: string;
  /** Signed units of the asset: negative is owed. */
  readonly amount: string;
}

/** The unfilled rest of an order that may fill at any time. */
export interface LedgerOrder {
  readonly orderId: string;
  readonly instrumentId: string;
  /** Signed number of contracts: positive buys. */
  readonly quantity: string;
  /** In the unit of the instrument's mark. */
  readonly price: string;
}

/**
 * The contents of a pool. Each list is sorted by name, holds each name once, and holds no balance or position of zero.
 */
export interface PoolHoldings {
  readonly collateral: readonly LedgerBalance[];
  readonly positions: readonly LedgerPosition[];
  readonly openOrders: readonly LedgerOrder[];
}

/** The holdings of a pool, with its currency and margin method. */
export interface PoolContents extends PoolHoldings {
  readonly poolCurrency: string;
  readonly methodId: MethodId;
}

/** A collateral pool with its id. A pool of kind `isolated` holds positions and orders of one instrument only. */
export interface LedgerPool extends PoolContents {
  readonly poolId: string;
  readonly poolKind: PoolKind;
}

/** An account after the event with its `ledgerSequence`. The contents at the top level are those of its cross pool. */
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

/** States the whole account as it is after a sequence. */
export interface StateEvent extends EventBase, PoolContents {
  readonly kind: "account_state";
  readonly pools: readonly LedgerPool[];
}

/** A trade. A positive quantity was bought. */
export interface FillEvent extends EventBase {
  readonly kind: "fill";
  readonly poolId: string;
  readonly instrumentId: string;
  readonly quantity: string;
  readonly price: string;
  /** The order that it fills. It is null if the trade filled no resting order. */
  readonly orderId: string | null;
  /** Cumulative funding at the time of the trade. It is required if the position held has a funding index. */
  readonly fundingIndex?: string;
}

/** Settles the funding of one position: the amount accrued since its own index up to this one moves to cash. */
export interface FundingEvent extends EventBase {
  readonly kind: "funding";
  readonly poolId: string;
  readonly instrumentId: string;
  readonly fundingIndex: string;
}

/** Settles a position: it closes at what its instrument pays at the settlement price. */
export interface SettlementEvent extends EventBase {
  readonly kind: "settlement";
  readonly poolId: string;
  readonly instrumentId: string;
  /** Quote currency per unit of the underlying. */
  readonly settlementPrice: string;
  /** Cumulative funding at the settlement. It is required if the position held has a funding index. */
  readonly fundingIndex?: string;
}

/** A deposit, or a withdrawal if the amount is negative. */
export interface TransferEvent extends EventBase {
  readonly kind: "transfer";
  readonly poolId: string;
  readonly asset: string;
  readonly amount: string;
}

/** Moves collateral from one pool to another. The amount is positive. */
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

/** Changes the open orders of one pool. A placed order replaces the one with its id. */
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
