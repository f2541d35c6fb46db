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

/**
 * The margin methods an account can be under. `portfolio` and `static` take their figures from the parameter set; the others
 * take the defaults that ship with the method (`methodVersions`). `portfolio_<venue>` are after the published rules of that
 * venue, not its own number.
 */
export const methodIds = [
  "static",
  "isolated",
  "standard",
  "span",
  "tims",
  "portfolio",
  "portfolio_deribit",
  "portfolio_okx",
  "portfolio_paradex",
  "portfolio_bybit",
  "derive_pmrm_2",
  "derive_pmrm_1",
  "derive_srm",
  "account_ratio",
] as const;

export type MethodId = (typeof methodIds)[number];
