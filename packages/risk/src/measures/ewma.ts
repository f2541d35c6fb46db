import { log } from "../numbers/index.ts";

/** Throws unless 0 < lambda < 1. */
function checkLambda(lambda: number): void {
  if (lambda > 0 && lambda < 1) return;
  throw new RangeError(`EWMA lambda is ${lambda}; it must be above 0 and below 1, such as 0.94`);
}

/**
 * Variances by exponential weights, v(t + 1) = lambda v(t) + (1 - lambda) r(t)^2 with mean 0 (RiskMetrics;
 * docs/sources.md, Volatility by exponential weights): entry t is the forecast made before return t, and the last, one
 * more than there are returns, the forecast for what comes.
 */
export function ewmaVariances(returns: ArrayLike<number>, lambda: number, initialVariance: number): Float64Array {
  checkLambda(lambda);
  if (!(initialVariance >= 0 && initialVariance < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`EWMA initial variance is ${initialVariance}; it must be a finite number of at least 0`);
  }
  const variances = new Float64Array(returns.length + 1);
  variances[0] = initialVariance;
  for (let t = 0; t < returns.length; t += 1) {
    variances[t + 1] = lambda * variances[t]! + (1 - lambda) * (returns[t]! * returns[t]!);
  }
  return variances;
}

/**
 * Newest observations that carry `share` of all weight: ln(1 - share) / ln(lambda); 74.4 for 0.94 and 0.99
 * (docs/sources.md, Volatility by exponential weights).
 */
export function effectiveObservations(lambda: number, share: number): number {
  checkLambda(lambda);
  if (!(share > 0 && share < 1)) throw new RangeError(`Share of weight is ${share}; it must be above 0 and below 1`);
  return log(1 - share) / log(lambda);
}

/** Mean of the squares: the variance of returns whose mean is taken as 0. */
export function meanSquare(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < returns.length; t += 1) sum += returns[t]! * returns[t]!;
  return returns.length === 0 ? 0 : sum / returns.length;
}

/** How far a return of the past may be rescaled: factors between these, and no volatility of now below the floor. */
export interface FilterBounds {
  readonly minimumRatio: number;
  readonly maximumRatio: number;
  /** Volatility of now is at least this; same horizon as the returns. */
  readonly minimumVolatilityNow: number;
}

/** No bounds at all. */
export const unboundedFilter: FilterBounds = {
  minimumRatio: 0,
  maximumRatio: Number.POSITIVE_INFINITY,
  minimumVolatilityNow: 0,
};

/**
 * Returns rescaled to the volatility of now, r x sigma now / sigma then, with sigma then the forecast made before the
 * return (filtered historical simulation, Barone-Adesi and Hull-White;
 * docs/sources.md, Volatility by exponential weights). The ratio is kept within bounds, a choice that also damps
 * procyclicality. A volatility of 0 then and now leaves the return; of 0 then alone it takes the bound.
 */
export function filterReturns(
  returns: ArrayLike<number>,
  volatilities: ArrayLike<number>,
  volatilityNow: number,
  bounds: FilterBounds = unboundedFilter,
): Float64Array {
  if (volatilities.length < returns.length) {
    throw new RangeError(
      `${volatilities.length} volatilities for ${returns.length} returns; give one forecast for each`,
    );
  }
  const now = Math.max(volatilityNow, bounds.minimumVolatilityNow);
  const scaled = new Float64Array(returns.length);
  for (let t = 0; t < returns.length; t += 1) {
    const then = volatilities[t]!;
    if (!(then >= 0 && now >= 0)) {
      throw new RangeError(`Volatility of return ${t} is ${then}, of now ${now}; both must be numbers of at least 0`);
    }
    const ratio = then === 0 && now === 0 ? 1 : then === 0 ? bounds.maximumRatio : now / then;
    if (ratio === Number.POSITIVE_INFINITY && returns[t] !== 0) {
      throw new RangeError(`Volatility of return ${t} is 0 and no maximum ratio is given: it cannot be rescaled`);
    }
    const bounded = Math.min(bounds.maximumRatio, Math.max(bounds.minimumRatio, ratio));
    scaled[t] = returns[t] === 0 ? 0 : returns[t]! * bounded;
  }
  return scaled;
}
