import { exp, log } from "./exponential.ts";

/** 1/sqrt(2 pi), the height of the standard normal density at 0. */
export const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** The rational approximation of the tail ratio stays within 4e-12 up to here, and the leading asymptotic term beyond. */
const FAR_OUT = 1e8;

/**
 * N(-z) e^(z^2/2) for z >= 0: the upper tail of the standard normal distribution without its exponential, between exactly
 * 1/2 at 0 and 1/(z sqrt(2 pi)) far out. Relative error below 8e-16 for z <= 40 and 4e-12 beyond, where the exponential
 * that belongs to it is 0. NaN gives NaN, Infinity 0; z < 0 is not defined.
 */
export function normalTailRatio(z: number): number {
  return z > FAR_OUT ? INVERSE_SQRT_TWO_PI / z : normalTailRatioInRange(z);
}

/**
 * `normalTailRatio` for z from 0 to 1e8, without a test of the range: for loops that know theirs.
 *
 * Method: a rational function interpolated at Chebyshev nodes of (z - 4)/(z + 4), its coefficients derived by
 * test/support/derive-normal-tail.ts. All are positive, so nothing cancels; even and odd powers are summed apart because
 * two short chains run faster than a long one.
 */
export function normalTailRatioInRange(z: number): number {
  const q = z * z;
  const numerator =
    0.5 +
    q * (0.5889242211258162 + q * (0.0959871380534908 + q * (0.003972955144961384 + q * 0.00003563327087156986))) +
    z *
      (0.7714205753650841 +
        q *
          (0.2855969526770132 + q * (0.0230876340242636 + q * (0.00047312795111585285 + q * 0.000001310561273913021))));
  const denominator =
    1 +
    q *
      (2.5454773485581796 +
        q *
          (0.7714187167513687 +
            q * (0.059051502420599374 + q * (0.0011892409899431778 + q * 0.000003285089944837538)))) +
    z *
      (2.340725711533033 +
        q * (1.6977896461423676 + q * (0.2503841444949321 + q * (0.010048041052419627 + q * 0.0000893193642820061))));
  return numerator / denominator;
}

/** e^(-z^2/2) within 1 ulp for every z: the rounding error of z^2, which far out costs digits, is put back. */
function gaussian(z: number): number {
  const square = z * z;
  if (square > 1600) return 0;
  const scaled = z * 134217729;
  const high = scaled - (scaled - z);
  const low = z - high;
  const squareError = high * high - square + 2 * high * low + low * low;
  return exp(-0.5 * square) * (1 - 0.5 * squareError);
}

/** Density of the standard normal distribution, within 3 ulp in the normal range. NaN gives NaN, an infinity 0. */
export function normalDensity(x: number): number {
  return INVERSE_SQRT_TWO_PI * gaussian(x);
}

/**
 * Standard normal distribution N(x), the probability of a value below x, with a relative error below 1e-15 in the lower
 * tail down to -37.5 (further out the result is subnormal, and 0 below -38.6), and within 3e-16 of the exact value above 0.
 *
 * NaN gives NaN, -Infinity 0, Infinity 1; N(0) is exactly 1/2 and N(x) + N(-x) is 1 to rounding.
 */
export function normalDistribution(x: number): number {
  if (x >= 0) return 1 - gaussian(x) * normalTailRatio(x);
  return gaussian(x) * normalTailRatio(-x);
}

/**
 * The x with N(x) = probability, within 1e-14 max(1, |x|) where the probability, as a double, determines x that well.
 *
 * 0 gives -Infinity, 1 gives Infinity, anything outside [0, 1] NaN. The first approximation is Abramowitz and Stegun
 * (1964) 26.2.23, then three steps of Halley's method on normalDistribution.
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return Number.NaN;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  if (probability === 0.5) return 0;
  const t = Math.sqrt(-2 * log(probability));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 3; step += 1) {
    const newton = normalTailRatio(z) - probability / gaussian(z);
    const scaled = newton / INVERSE_SQRT_TWO_PI;
    z += scaled / (1 + 0.5 * z * scaled);
  }
  return -z;
}
