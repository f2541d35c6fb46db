import { log } from "../numbers/index.ts";

/** Throws unless 0 < lambda < 1. */
function checkLambda(lambda: number): void {
  if (lambda > 0 && lambda < 1) return;
  throw new RangeError(`EWMA lambda is ${lambda}; it must be above 0 and below 1, such as 0.94`);
}

/**
 * Computes exponentially weighted variances, v(t + 1) = lambda v(t) + (1 - lambda) r(t)^2 with mean 0 (RiskMetrics;
 * docs/sources.md, Volatility by exponential weights). Entry t is the forecast made before return t. There is one more
 * entry than returns; the last is the forecast for the next return.
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
 * Returns the number of newest observations that carry `share` of all weight: ln(1 - share) / ln(lambda). It is 74.4
 * for lambda 0.94 and share 0.99 (docs/sources.md, Volatility by exponential weights).
 */
export function effectiveObservations(lambda: number, share: number): number {
  checkLambda(lambda);
  if (!(share > 0 && share < 1)) throw new RangeError(`Share of weight is ${share}; it must be above 0 and below 1`);
  return log(1 - share) / log(lambda);
}

/**
 * Returns the mean of the squares, which is the variance of returns whose mean is taken as 0. It is 0 without returns.
 */
export function meanSquare(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < returns.length; t += 1) sum += returns[t]! * returns[t]!;
  return returns.length === 0 ? 0 : sum / returns.length;
}

/** Limits of the rescaling of past returns: bounds of the ratio, and a floor of the current volatility. */
export interface FilterBounds {
  readonly minimumRatio: number;
  readonly maximumRatio: number;
  /** Least current volatility, over the same horizon as the returns. */
  readonly minimumVolatilityNow: number;
}

/** Filter bounds that limit nothing. */
export const unboundedFilter: FilterBounds = {
  minimumRatio: 0,
  maximumRatio: Number.POSITIVE_INFINITY,
  minimumVolatilityNow: 0,
};

/**
 * Rescales returns to the current volatility: r x sigma now / sigma then, with sigma then the forecast made before the
 * return (filtered historical simulation, Barone-Adesi and Hull-White; docs/sources.md, Volatility by exponential
 * weights). The ratio is kept within bounds, which also reduces procyclicality. If both volatilities are 0, the return
 * is unchanged; if only sigma then is 0, the ratio is its upper bound.
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
