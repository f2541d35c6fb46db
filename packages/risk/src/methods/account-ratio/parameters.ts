import type { SizedParameters } from "../size/parameters.ts";

/** One bracket of a maintenance schedule: `rate` from the notional `from` on. */
export interface MaintenanceBracket {
  readonly from: number;
  readonly rate: number;
}

/** Bounds of the account ratio (adjusted equity / maintenance margin, falling to 1.05 at liquidation). */
export interface AccountRatioParameters {
  readonly label: string;
  /** Below it the account is warned. */
  readonly warningRatio: number;
  /** Below it the account may only reduce. */
  readonly reduceOnlyRatio: number;
  /** At or below it the account is liquidated. */
  readonly liquidationRatio: number;
}

/** Maintenance rate of what is borrowed at a leverage. */
export interface LoanRate {
  readonly leverage: number;
  readonly rate: number;
}

/** The method `account_ratio`. */
export interface AccountRatioMethodParameters extends AccountRatioParameters, SizedParameters {
  /** By underlying, each once; `*` serves any not listed, and without it no other underlying is margined. */
  readonly schedules: readonly { readonly underlying: string; readonly brackets: readonly MaintenanceBracket[] }[];
  /** By ascending leverage. */
  readonly loans: readonly LoanRate[];
  /** The leverage that accounts borrow at: one of `loans`. */
  readonly loanLeverage: number;
}
