/**
 * Raw SVI (J. Gatheral, 2004): total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) over log-moneyness
 * k = ln(K/F).
 */
export interface SviParameters {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

/** Lee's moment formula: total variance may not grow faster than 2 |k|. */
export const MAX_WING_SLOPE = 2;

/** The butterfly condition is checked at this many points, densest where the marks are. */
const BUTTERFLY_GRID_POINTS = 401;

/** Total variance at log-moneyness k. */
export function sviTotalVariance(svi: SviParameters, k: number): number {
  const d = k - svi.m;
  return svi.a + svi.b * (svi.rho * d + Math.sqrt(d * d + svi.sigma * svi.sigma));
}

/**
 * Durrleman's function g(k) = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2: the density of the forward is proportional to
 * it, so a smile is free of butterfly arbitrage where w > 0 and g >= 0 (Gatheral and Jacquier, 2014).
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
 * Whether the smile admits no butterfly arbitrage: wing slopes b (1 + |rho|) below 2, w > 0 everywhere, and g >= 0 at 401
 * points k = middle + range t/(1 - t^2) for t from -0.995 to 0.995, that is about a two-hundredth of the marks' range apart
 * near its middle and out to a hundred ranges. So far out is needed: a density that is negative only beyond the marks makes
 * calls inside them rise with their strike. Farther still the slopes govern g.
 */
export function isButterflyFree(svi: SviParameters, lowest: number, highest: number): boolean {
  if (!(svi.b * (1 + Math.abs(svi.rho)) < MAX_WING_SLOPE)) return false;
  return lowestDurrleman(svi, lowest, highest, BUTTERFLY_GRID_POINTS) >= 0;
}

/** The smallest g(k) on the grid of `isButterflyFree` with this many points; -Infinity when w is not positive everywhere. */
export function lowestDurrleman(svi: SviParameters, lowest: number, highest: number, points: number): number {
  // The lowest total variance of all k; it may lie beyond the grid.
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
