/** The move of one coin or stablecoin during an event. */
export interface StressMove {
  readonly symbol: string;
  /** Fraction of the price, above -1. For example -0.5 is a fall by half. */
  readonly priceMove: number;
  /** Fraction of the 30-day implied volatility; 1 doubles it. It is null if none was recorded. */
  readonly volatilityMove: number | null;
}

/** The moves of one event, over the same hours for all symbols. */
export interface StressEvent {
  /** ISO date of the event, which is part of its name. */
  readonly date: string;
  readonly name: string;
  /** Hours from the close at which the moves start. */
  readonly horizonHours: number;
  /** The UTC hour in which the moves end: `2020-03-13T02`. */
  readonly hour: string;
  readonly moves: readonly StressMove[];
}

/** The recorded events, and how alternative coins and implied volatilities move if nothing was recorded for them. */
export interface StressHistory {
  readonly events: readonly StressEvent[];
  /** Logarithmic move of SOL for a logarithmic move of ETH by 1, on days when ETH fell by 5 % or more. */
  readonly alternativeCoinBeta: number;
  /**
   * Rise of the logarithm of BTC's implied volatility for a logarithmic fall of BTC by 1, on days when it fell by 5 %
   * or more.
   */
  readonly volatilityRise: number;
}
