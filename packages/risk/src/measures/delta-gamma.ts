import { dot, type Matrix, multiply, multiplyVector, trace } from "./matrix.ts";
import { normalTail, type TailFigures } from "./normal-tail.ts";

/** Mean and cumulants of a profit. Gains are positive. */
export interface ProfitMoments {
  readonly mean: number;
  readonly variance: number;
  /** Third and fourth cumulant. The skewness is third / variance^1.5, the excess kurtosis fourth / variance^2. */
  readonly thirdCumulant: number;
  readonly fourthCumulant: number;
}

/** A second-order model of a book: profit = theta + d'X + X'G X / 2 for moves X of its factors. */
export interface DeltaGamma {
  /** Profit over the horizon without any move. A gain is positive. */
  readonly theta: number;
  readonly delta: readonly number[];
  /** A symmetric matrix. */
  readonly gamma: Matrix;
}

/**
 * Computes the moments of a quadratic profit under normal factors with mean 0 and covariance S (docs/sources.md,
 * Parametric tails): mean theta + tr(GS)/2, variance d'Sd + tr((GS)^2)/2, third cumulant 3 d'SGSd + tr((GS)^3), fourth
 * cumulant 12 d'S(GS)^2 d + 3 tr((GS)^4).
 */
export function deltaGammaMoments({ theta, delta, gamma }: DeltaGamma, covariance: Matrix): ProfitMoments {
  const gs = multiply(gamma, covariance);
  const gs2 = multiply(gs, gs);
  const sd = multiplyVector(covariance, delta);
  const gsd = multiplyVector(gamma, sd);
  const sgsd = multiplyVector(covariance, gsd);
  return {
    mean: theta + trace(gs) / 2,
    variance: dot(delta, sd) + trace(gs2) / 2,
    thirdCumulant: 3 * dot(sd, gsd) + trace(multiply(gs2, gs)),
    fourthCumulant: 12 * dot(sgsd, gsd) + 3 * trace(multiply(gs2, gs2)),
  };
}

/** Value at risk and expected shortfall of a profit with skewness and excess kurtosis. Losses are positive. */
export interface CornishFisher extends TailFigures {
  readonly deviation: number;
  readonly skewness: number;
  readonly excessKurtosis: number;
  /** Quantile of the standardised profit at 1 - level. It is usually negative. */
  readonly quantile: number;
  /**
   * False if the expansion does not rise with the normal quantile. It is then not a quantile function and may state
   * less for a worse tail, so use full revaluation instead.
   */
  readonly isValid: boolean;
  /** Why the expansion is not valid. It is null if it is. */
  readonly invalidReason: string | null;
}

/**
 * Computes the Cornish-Fisher expansion (docs/sources.md, Parametric tails): q = z + (z^2 - 1) S/6 + (z^3 - 3z) K/24 -
 * (2z^3 - 5z) S^2/36 with z the normal quantile at 1 - level; value at risk is -(mean + q deviation). The shortfall is
 * the mean of the same expansion below z, in closed form: -mean + deviation phi(z)/(1 - a) (1 + zS/6 + (z^2 - 1) K/24 -
 * (2z^2 - 1) S^2/36). It counts as valid if it rises with z up to one deviation beyond the quantile, and at least up to
 * 4 on both sides, since values further out have almost no weight in either figure. This range is our choice; to
 * require it for every z would refuse books with almost no skewness.
 */
export function cornishFisher(moments: ProfitMoments, level: number): CornishFisher {
  const { mean, variance, thirdCumulant, fourthCumulant } = moments;
  const normal = normalTail(level);
  if (!(variance >= 0)) throw new RangeError(`Variance of the profit is ${variance}; it must be at least 0`);
  const deviation = Math.sqrt(variance);
  const skewness = deviation === 0 ? 0 : thirdCumulant / (variance * deviation);
  const excessKurtosis = deviation === 0 ? 0 : fourthCumulant / (variance * variance);
  const z = 0 - normal.valueAtRisk;
  const [s, k] = [skewness, excessKurtosis];
  const quantile = z + ((z * z - 1) * s) / 6 + ((z * z - 3) * z * k) / 24 - ((2 * z * z - 5) * z * s * s) / 36;
  const tailMean =
    normal.expectedShortfall * (1 + (z * s) / 6 + ((z * z - 1) * k) / 24 - ((2 * z * z - 1) * s * s) / 36);
  const invalidReason = findInvalidity(s, k, Math.max(4, normal.valueAtRisk + 1));
  return {
    deviation,
    skewness,
    excessKurtosis,
    quantile,
    valueAtRisk: 0 - (mean + quantile * deviation),
    expectedShortfall: deviation * tailMean - mean,
    isValid: invalidReason === null,
    invalidReason,
  };
}

/**
 * Finds out why the expansion is invalid, or returns null. Its derivative in z is a parabola, which must stay above 0
 * up to `reach` on both sides.
 */
function findInvalidity(s: number, k: number, reach: number): string | null {
  const square = k / 8 - (s * s) / 6;
  const linear = s / 3;
  const constant = 1 - k / 8 + (5 * s * s) / 36;
  const slopeAt = (z: number) => (square * z + linear) * z + constant;
  const vertex = square === 0 ? 0 : 0 - linear / (2 * square);
  const lowest = Math.min(slopeAt(reach), slopeAt(-reach), Math.abs(vertex) < reach ? slopeAt(vertex) : slopeAt(0));
  if (lowest > 0) return null;
  const figures = `skewness ${Number(s.toPrecision(4))}, excess kurtosis ${Number(k.toPrecision(4))}`;
  return `the Cornish-Fisher expansion does not rise within ${Number(reach.toFixed(2))} deviations with ${figures}`;
}

/**
 * Computes the Euler contributions of parts of a book to its Cornish-Fisher figures: the derivative of the figure in
 * the size of each part. They add up to the figure, as it grows in proportion to the book. The parts must add up to the
 * book.
 */
export function cornishFisherContributions(
  parts: readonly DeltaGamma[],
  covariance: Matrix,
  level: number,
): readonly TailFigures[] {
  const book = addUp(parts);
  const moments = deltaGammaMoments(book, covariance);
  const { variance } = moments;
  const { deviation, skewness: s, excessKurtosis: k, quantile } = cornishFisher(moments, level);
  const normal = normalTail(level);
  const z = 0 - normal.valueAtRisk;
  const shape = normal.expectedShortfall;
  const tail = 1 + (z * s) / 6 + ((z * z - 1) * k) / 24 - ((2 * z * z - 1) * s * s) / 36;
  return parts.map((part) => {
    const slope = momentSlope(book, part, covariance);
    if (deviation === 0) return { valueAtRisk: 0 - slope.mean, expectedShortfall: 0 - slope.mean };
    const deviationSlope = slope.variance / (2 * deviation);
    const skewSlope = slope.thirdCumulant / (variance * deviation) - (1.5 * s * slope.variance) / variance;
    const kurtosisSlope = slope.fourthCumulant / (variance * variance) - (2 * k * slope.variance) / variance;
    const quantileSlope =
      ((z * z - 1) / 6 - ((2 * z * z - 5) * z * s) / 18) * skewSlope + (((z * z - 3) * z) / 24) * kurtosisSlope;
    const tailSlope = (z / 6 - ((2 * z * z - 1) * s) / 18) * skewSlope + ((z * z - 1) / 24) * kurtosisSlope;
    return {
      valueAtRisk: 0 - (slope.mean + quantile * deviationSlope + deviation * quantileSlope),
      expectedShortfall: shape * (tail * deviationSlope + deviation * tailSlope) - slope.mean,
    };
  });
}

/** Adds up the parts of a book. */
function addUp(parts: readonly DeltaGamma[]): DeltaGamma {
  const [first, ...rest] = parts;
  if (first === undefined) return { theta: 0, delta: [], gamma: [] };
  return rest.reduce<DeltaGamma>(
    (sum, part) => ({
      theta: sum.theta + part.theta,
      delta: sum.delta.map((entry, i) => entry + part.delta[i]!),
      gamma: sum.gamma.map((row, i) => row.map((entry, j) => entry + part.gamma[i]![j]!)),
    }),
    first,
  );
}

/** Computes the derivative of a book's moments as the book grows in the direction of a part. */
function momentSlope(book: DeltaGamma, part: DeltaGamma, covariance: Matrix): ProfitMoments {
  const gs = multiply(book.gamma, covariance);
  const gs2 = multiply(gs, gs);
  const hs = multiply(part.gamma, covariance);
  const sd = multiplyVector(covariance, book.delta);
  const se = multiplyVector(covariance, part.delta);
  const gsd = multiplyVector(book.gamma, sd);
  const hsd = multiplyVector(part.gamma, sd);
  const sgsd = multiplyVector(covariance, gsd);
  return {
    mean: part.theta + trace(hs) / 2,
    variance: 2 * dot(part.delta, sd) + trace(multiply(hs, gs)),
    thirdCumulant: 6 * dot(se, gsd) + 3 * dot(sd, hsd) + 3 * trace(multiply(hs, gs2)),
    fourthCumulant:
      24 * dot(se, multiplyVector(book.gamma, sgsd)) +
      24 * dot(hsd, sgsd) +
      12 * trace(multiply(hs, multiply(gs2, gs))),
  };
}
