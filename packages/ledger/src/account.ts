import type { MethodId } from "@plimsoll/risk";

/** A position as the ledger keeps it: exact decimal strings. */
export interface LedgerPosition {
  readonly instrumentId: string;
  /** Signed contracts: positive long. */
  readonly quantity: string;
  /** Average entry price in the unit of the instrument's mark, rounded against the account. */
  readonly entryPrice: string;
}

export interface LedgerBalance {
  readonly asset: string;
  /** Signed units: negative is owed. */
  readonly amount: string;
}

/** An account as of one sequence of its exchange. Collateral and positions are sorted by name, each once, none zero. */
export interface LedgerAccount {
  readonly accountId: string;
  readonly poolCurrency: string;
  readonly methodId: MethodId;
  readonly ledgerSequence: number;
  readonly collateral: readonly LedgerBalance[];
  readonly positions: readonly LedgerPosition[];
}

interface EventBase {
  readonly accountId: string;
  readonly ledgerSequence: number;
}

/** The whole account as of a sequence. */
export interface StateEvent extends EventBase {
  readonly kind: "account_state";
  readonly poolCurrency: string;
  readonly methodId: MethodId;
  readonly collateral: readonly LedgerBalance[];
  readonly positions: readonly LedgerPosition[];
}

/** A trade: positive quantity bought. */
export interface FillEvent extends EventBase {
  readonly kind: "fill";
  readonly instrumentId: string;
  readonly quantity: string;
  readonly price: string;
}

/** A deposit, or a withdrawal when negative. */
export interface TransferEvent extends EventBase {
  readonly kind: "transfer";
  readonly asset: string;
  readonly amount: string;
}

export type LedgerEvent = StateEvent | FillEvent | TransferEvent;
