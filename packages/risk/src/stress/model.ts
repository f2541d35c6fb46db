/** How one coin or stablecoin moved over the window of an event. */
export interface StressMove {
  readonly symbol: string;
  /** Fraction of the price: -0.5 is a fall by half; above -1. */
  readonly priceMove: number;
  /** Fraction of the 30-day implied volatility: 1 doubles it. Null where none was recorded. */
  readonly volatilityMove: number | null;
}

/** The moves of all that was traded over the same hours of one event. */
export interface StressEvent {
  /** ISO date after which it is named. */
  readonly date: string;
  readonly name: string;
  /** Hours from the close that the moves are measured from. */
  readonly horizonHours: number;
  /** The hour, UTC, in which the moves end: `2020-03-13T02`. */
  readonly hour: string;
  readonly moves: readonly StressMove[];
}

/** What happened, and how alternative coins and implied volatilities follow where nothing of their own is recorded. */
export interface StressHistory {
  readonly events: readonly StressEvent[];
  /** Log move of SOL for a log move of ETH by 1, over days on which ETH fell by 5 % or more. */
  readonly alternativeCoinBeta: number;
  /** Rise of the log of BTC's implied volatility for a log fall of BTC by 1, over days that fell by 5 % or more. */
  readonly volatilityRise: number;
}
