import { exp, log } from "../numbers/index.ts";
import { minimise } from "./nelder-mead.ts";
import { isButterflyFree, lowestDurrleman, MAX_WING_SLOPE, type SviParameters, sviTotalVariance } from "./svi.ts";

/** The greatest number of steps of the simplex. Two unknowns settle in about a hundred. */
const MAX_STEPS = 400;

/** The number of grid points at which the penalised second fit looks for negative densities. */
const PENALTY_GRID_POINTS = 101;

/** The limit of the slopes, just below Lee's bound, so that a fit on it passes the strict check. */
const SLOPE_BOUND = MAX_WING_SLOPE * (1 - 1e-9);

/**
 * The least importance of a mark relative to one at the money. Under stress the forward may move to the strikes of the
 * wings.
 */
const LEAST_IMPORTANCE = 0.1;

/**
 * The bounds of sigma in the search, in units of the marks' range. Outside them SVI degenerates to lines and loses
 * digits by cancellation.
 */
const SMALLEST_SIGMA = 0.005;
const LARGEST_SIGMA = 4;

/**
 * A smile and its distance to the marks to which it was fitted, in volatility per year. Each mark counts by its
 * importance.
 */
export interface SviFit {
  readonly svi: SviParameters;
  readonly rootMeanSquareError: number;
  readonly largestError: number;
  /**
   * Whether the closest fit had butterfly arbitrage. Then `svi` is the fit under the penalty, or the closest fit if
   * that one was not free of arbitrage either.
   */
  readonly penalised: boolean;
}

/**
 * Fits raw SVI to total variances by the quasi-explicit method (Zeliade Systems, 2009). For given m and sigma, w is
 * linear in its other parameters. These are solved for exactly under b >= 0, |rho| <= 1 and Lee's bound on the slopes.
 * Nelder and Mead's simplex searches m and ln sigma from the best point of a fixed grid.
 *
 * Errors count in volatility times vega relative to at the money, but at least a tenth. A fit with butterfly arbitrage
 * is tried once more with a penalty on it. The fit is deterministic. It needs at least two different k, ascending.
 */
export function fitSvi(k: Float64Array, totalVariance: Float64Array, timeToExpiryYears: number): SviFit {
  const lowest = k[0]!;
  const highest = k[k.length - 1]!;
  const range = highest - lowest;
  const importance = k.map((x, i) => Math.max(LEAST_IMPORTANCE, exp((-0.5 * x * x) / totalVariance[i]!)));
  const weights = totalVariance.map((w, i) => (importance[i]! * importance[i]!) / (4 * w * timeToExpiryYears));
  const isInside = (m: number, logSigma: number) =>
    m >= lowest - range &&
    m <= highest + range &&
    logSigma >= log(SMALLEST_SIGMA * range) &&
    logSigma <= log(LARGEST_SIGMA * range);
  const distanceAt = (m: number, logSigma: number) =>
    isInside(m, logSigma) ? solveLinear(k, totalVariance, weights, m, exp(logSigma)).cost : Number.POSITIVE_INFINITY;
  const start = bestStart(k, distanceAt);
  const size = 0.05 * range;
  const free = minimise(distanceAt, start.m, start.logSigma, size, MAX_STEPS);
  let svi = solveLinear(k, totalVariance, weights, free.x, exp(free.y)).svi;
  const penalised = !isButterflyFree(svi, lowest, highest);
  if (penalised) {
    const penalisedAt = (m: number, logSigma: number) => {
      if (!isInside(m, logSigma)) return Number.POSITIVE_INFINITY;
      const { svi: candidate, cost } = solveLinear(k, totalVariance, weights, m, exp(logSigma));
      const density = lowestDurrleman(candidate, lowest, highest, PENALTY_GRID_POINTS);
      // The bound is slightly above 0, so that the finer grid of the check finds no negative density.
      return density >= 0.01 ? cost : cost + start.cost * (1 + Math.min(1e6, 0.01 - density));
    };
    const clear = bestStart(k, penalisedAt);
    const found = minimise(penalisedAt, clear.m, clear.logSigma, size, MAX_STEPS);
    const candidate = solveLinear(k, totalVariance, weights, found.x, exp(found.y)).svi;
    if (isButterflyFree(candidate, lowest, highest)) svi = candidate;
  }
  return { svi, penalised, ...errorsOf(svi, k, totalVariance, importance, timeToExpiryYears) };
}

/** Returns the best point of a grid: m over the marks, and sigma from about a hundredth of their range to all of it. */
function bestStart(k: Float64Array, distanceAt: (m: number, logSigma: number) => number) {
  const lowest = k[0]!;
  const range = k[k.length - 1]! - lowest;
  let best = { m: Number.NaN, logSigma: Number.NaN, cost: Number.POSITIVE_INFINITY };
  for (let column = 0; column <= 8; column += 1) {
    for (let row = 0; row <= 4; row += 1) {
      const m = lowest + (range * column) / 8;
      const logSigma = log(range) - 1.2 * row;
      const cost = distanceAt(m, logSigma);
      if (cost < best.cost) best = { m, logSigma, cost };
    }
  }
  return best;
}

/**
 * Solves for a, b and rho by least squares for given m and sigma. Let y = (k - m)/sigma, z = sqrt(y^2 + 1), d = rho b
 * sigma and c = b sigma. The model is then w = a + d y + c z. Eliminating a leaves a convex quadratic in (c, d) on the
 * quadrangle |d| <= c, c + |d| <= 2 sigma. Its minimum is the free one if that lies inside, else the lowest on the four
 * edges.
 */
function solveLinear(
  k: Float64Array,
  totalVariance: Float64Array,
  weights: Float64Array,
  m: number,
  sigma: number,
): { svi: SviParameters; cost: number } {
  let sum = 0;
  let meanY = 0;
  let meanZ = 0;
  let meanW = 0;
  for (let i = 0; i < k.length; i += 1) {
    const y = (k[i]! - m) / sigma;
    sum += weights[i]!;
    meanY += weights[i]! * y;
    meanZ += weights[i]! * Math.sqrt(y * y + 1);
    meanW += weights[i]! * totalVariance[i]!;
  }
  meanY /= sum;
  meanZ /= sum;
  meanW /= sum;
  let yy = 0;
  let yz = 0;
  let zz = 0;
  let yw = 0;
  let zw = 0;
  let ww = 0;
  for (let i = 0; i < k.length; i += 1) {
    const rawY = (k[i]! - m) / sigma;
    const y = rawY - meanY;
    const z = Math.sqrt(rawY * rawY + 1) - meanZ;
    const w = totalVariance[i]! - meanW;
    yy += weights[i]! * y * y;
    yz += weights[i]! * y * z;
    zz += weights[i]! * z * z;
    yw += weights[i]! * y * w;
    zw += weights[i]! * z * w;
    ww += weights[i]! * w * w;
  }
  const costAt = (c: number, d: number) =>
    Math.max(0, ww + zz * c * c + 2 * yz * c * d + yy * d * d - 2 * (zw * c + yw * d));
  const determinant = yy * zz - yz * yz;
  let c = (yy * zw - yz * yw) / determinant;
  let d = (zz * yw - yz * zw) / determinant;
  const limit = sigma * SLOPE_BOUND;
  if (!(determinant > 1e-14 * yy * zz && Math.abs(d) <= c && c + Math.abs(d) <= limit)) {
    let best = Number.POSITIVE_INFINITY;
    const corners = [0, 0, limit / 2, limit / 2, limit, 0, limit / 2, -limit / 2, 0, 0];
    for (let edge = 0; edge < 4; edge += 1) {
      const c0 = corners[2 * edge]!;
      const d0 = corners[2 * edge + 1]!;
      const dc = corners[2 * edge + 2]! - c0;
      const dd = corners[2 * edge + 3]! - d0;
      const steepness = zz * dc * dc + 2 * yz * dc * dd + yy * dd * dd;
      const descent = zw * dc + yw * dd - (zz * c0 * dc + yz * (c0 * dd + d0 * dc) + yy * d0 * dd);
      const position = Math.min(1, Math.max(0, steepness > 0 ? descent / steepness : 0));
      const cost = costAt(c0 + position * dc, d0 + position * dd);
      if (cost < best) {
        best = cost;
        c = c0 + position * dc;
        d = d0 + position * dd;
      }
    }
  }
  const rho = c > 0 ? Math.min(1, Math.max(-1, d / c)) : 0;
  return { svi: { a: meanW - d * meanY - c * meanZ, b: c / sigma, rho, m, sigma }, cost: costAt(c, d) };
}

function errorsOf(
  svi: SviParameters,
  k: Float64Array,
  totalVariance: Float64Array,
  importance: Float64Array,
  timeToExpiryYears: number,
) {
  let squares = 0;
  let weight = 0;
  let largestError = 0;
  for (let i = 0; i < k.length; i += 1) {
    const model = Math.sqrt(Math.max(0, sviTotalVariance(svi, k[i]!)) / timeToExpiryYears);
    const error = importance[i]! * Math.abs(model - Math.sqrt(totalVariance[i]! / timeToExpiryYears));
    squares += error * error;
    weight += importance[i]! * importance[i]!;
    largestError = Math.max(largestError, error);
  }
  return { rootMeanSquareError: Math.sqrt(squares / weight), largestError };
}
