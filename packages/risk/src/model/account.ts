export interface Position {
  readonly instrumentId: string;
  /** Signed number of contracts: positive long, negative short. */
  readonly quantity: number;
  /** Average entry price, in the unit of the instrument's mark price. */
  readonly entryPrice: number;
}

export interface CollateralBalance {
  readonly asset: string;
  /** Signed units of the asset: negative is a liability and is never discounted. */
  readonly amount: number;
}

/** A margin account with one collateral pool, as the kernel sees it. */
export interface Account {
  readonly accountId: string;
  /** Currency in which this pool's equity and requirements are expressed: a coin for a coin-margined pool, or USD. */
  readonly poolCurrency: string;
  readonly methodId: MethodId;
  readonly ledgerSequence: number;
  readonly collateral: readonly CollateralBalance[];
  readonly positions: readonly Position[];
}

export type MethodId = "portfolio" | "static";
