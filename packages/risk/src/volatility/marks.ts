/** Implied volatilities above 1000 % per year are taken for errors of the source. */
export const MAX_MARK_VOLATILITY = 10;

/** A venue's mark of one listed strike. */
export interface VolatilityMark {
  readonly strike: number;
  /** Per year; 0.5 is 50 %. */
  readonly markVolatility: number;
}

/** The marks of one expiry, all options on the same forward; calls and puts of one strike may both be given. */
export interface ExpiryMarks {
  readonly timeToExpiryYears: number;
  readonly forward: number;
  readonly marks: readonly VolatilityMark[];
}

/** A mark that was left out, and why. */
export interface RefusedMark extends VolatilityMark {
  readonly timeToExpiryYears: number;
  readonly reason: "strike_not_positive" | "volatility_not_positive" | "volatility_above_limit";
}

/** Marks of one expiry that passed, by log-moneyness ln(K/F), ascending and without repetition. */
export interface UsableMarks {
  readonly logMoneyness: Float64Array;
  /** Total variance, volatility squared times years. */
  readonly totalVariance: Float64Array;
}

/** Why a mark cannot be used; undefined when it can. */
export function findRefusal(mark: VolatilityMark): RefusedMark["reason"] | undefined {
  if (!(mark.strike > 0 && mark.strike < Number.POSITIVE_INFINITY)) return "strike_not_positive";
  if (!(mark.markVolatility > 0)) return "volatility_not_positive";
  return mark.markVolatility > MAX_MARK_VOLATILITY ? "volatility_above_limit" : undefined;
}
