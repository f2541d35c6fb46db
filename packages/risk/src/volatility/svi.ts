/**
 * The parameters of raw SVI (J. Gatheral, 2004): total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))
 * over log-moneyness k = ln(K/F).
 */
export interface SviParameters {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

/** The greatest slope of total variance by Lee's moment formula: it may not grow faster than 2 |k|. */
export const MAX_WING_SLOPE = 2;

/** The number of points at which the butterfly condition is checked, densest where the marks are. */
const BUTTERFLY_GRID_POINTS = 401;

/** Computes the total variance at log-moneyness k. */
export function sviTotalVariance(svi: SviParameters, k: number): number {
  const d = k - svi.m;
  return svi.a + svi.b * (svi.rho * d + Math.sqrt(d * d + svi.sigma * svi.sigma));
}

/**
 * Computes Durrleman's function g(k) = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2. The density of the forward is
 * proportional to g. A smile is therefore free of butterfly arbitrage where w > 0 and g >= 0 (Gatheral and Jacquier,
 * 2014).
 */
export function durrleman(svi: SviParameters, k: number): number {
  const d = k - svi.m;
  const root = Math.sqrt(d * d + svi.sigma * svi.sigma);
  const w = sviTotalVariance(svi, k);
  const slope = svi.b * (svi.rho + d / root);
  const curvature = (svi.b * svi.sigma * svi.sigma) / (root * root * root);
  const level = 1 - (k * slope) / (2 * w);
  return level * level - 0.25 * slope * slope * (1 / w + 0.25) + 0.5 * curvature;
}

/**
 * Returns whether the smile admits no butterfly arbitrage. This needs wing slopes b (1 + |rho|) below 2, w > 0
 * everywhere, and g >= 0 at 401 points. The points are k = middle + range t/(1 - t^2) for t from -0.995 to 0.995. They
 * lie about a two-hundredth of the marks' range apart near its middle and extend to a hundred ranges. A density that is
 * negative only beyond the marks makes calls inside them rise with their strike. Still farther out the slopes determine
 * the sign of g.
 */
export function isButterflyFree(svi: SviParameters, lowest: number, highest: number): boolean {
  if (!(svi.b * (1 + Math.abs(svi.rho)) < MAX_WING_SLOPE)) return false;
  return lowestDurrleman(svi, lowest, highest, BUTTERFLY_GRID_POINTS) >= 0;
}

/**
 * Returns the smallest g(k) on the grid of `isButterflyFree` with this many points, or -Infinity when w is not positive
 * everywhere.
 */
export function lowestDurrleman(svi: SviParameters, lowest: number, highest: number, points: number): number {
  // This is the lowest total variance over all k, which may lie beyond the grid.
  if (!(svi.a + svi.b * svi.sigma * Math.sqrt(1 - svi.rho * svi.rho) > 0)) return Number.NEGATIVE_INFINITY;
  const range = highest - lowest;
  const middle = 0.5 * (lowest + highest);
  let minimum = Number.POSITIVE_INFINITY;
  for (let point = 0; point < points; point += 1) {
    const t = 0.995 * ((2 * point) / (points - 1) - 1);
    const k = middle + (range * t) / (1 - t * t);
    const value = durrleman(svi, k);
    if (!(value >= minimum)) minimum = value;
  }
  return minimum;
}
