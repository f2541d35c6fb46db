import type { SizedParameters } from "../size/parameters.ts";

/** One tier of the size multiplier of the minimum charge. */
export interface OkxMinimumChargeTier {
  /** Upper bound of the raw charge in US dollars; null for the last. */
  readonly upToUsd: number | null;
  readonly multiplier: number;
}

/** One bracket of the charge on amounts hedged between stablecoins. */
export interface DepegBracket {
  readonly upToUsd: number | null;
  readonly rate: number;
}

export interface OkxParameters {
  readonly label: string;
  /** Price moves of the spot shock on either side, ascending, without 0. */
  readonly spotMoves: readonly number[];
  /** Relative volatility moves at 30 days. */
  readonly volatilityUp: number;
  readonly volatilityDown: number;
  readonly extremeMove: number;
  /** Share of the loss at the extreme move that counts. */
  readonly extremeLossShare: number;
  readonly thetaDays: number;
  /** Volatility points (0.01) by which vega hedged between tenors can move apart at 30 days. */
  readonly vegaTermPoints: number;
  readonly basisAnnualisedMove: number;
  readonly rateShift: number;
  /** Fees and slippage of unwinding, shares of the index per unit. */
  readonly unwindFutureRate: number;
  readonly unwindOptionRate: number;
  readonly minimumChargeTiers: readonly OkxMinimumChargeTier[];
  readonly initialFactor: number;
}

/** Parameters of the coins that share them; `*` stands for any that no list names. */
export interface OkxCoinList extends OkxParameters {
  readonly underlyings: readonly string[];
}

/** Charge on what is hedged between quotes while the weakest of the stablecoins is worth this or more. */
export interface OkxDepegColumn {
  /** US dollars per unit. */
  readonly fromIndexPrice: number;
  readonly brackets: readonly DepegBracket[];
}

/** The method `portfolio_okx`. */
export interface OkxMethodParameters extends SizedParameters {
  readonly lists: readonly OkxCoinList[];
  /** MR9, from the highest price to 0. */
  readonly depeg: readonly OkxDepegColumn[];
  /** MR8: shares of what is borrowed, by asset; `*` serves any not listed. */
  readonly borrowing: readonly BorrowingRates[];
}

/** Margin of a borrowed asset, shares of its value. */
export interface BorrowingRates {
  readonly asset: string;
  readonly initialRate: number;
  readonly maintenanceRate: number;
}
