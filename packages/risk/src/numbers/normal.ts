import { exp, log } from "./exponential.ts";

/** 1/sqrt(2 pi), the height of the standard normal density at 0. */
export const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/**
 * Up to this argument the rational approximation of the tail ratio stays within 4e-12. Beyond it the leading asymptotic
 * term does.
 */
const FAR_OUT = 1e8;

/**
 * Computes N(-z) e^(z^2/2) for z >= 0, which is the upper tail of the standard normal distribution without its
 * exponential. It lies between exactly 1/2 at 0 and 1/(z sqrt(2 pi)) for large z. The relative error is below 8e-16 for
 * z <= 40. Beyond it is below 4e-12, but there the exponential that multiplies the ratio is 0. NaN gives NaN and
 * Infinity gives 0. The function is not defined for z < 0.
 */
export function normalTailRatio(z: number): number {
  return z > FAR_OUT ? INVERSE_SQRT_TWO_PI / z : normalTailRatioInRange(z);
}

/**
 * Computes `normalTailRatio` for z from 0 to 1e8 without a test of the range, for loops whose arguments are known to
 * lie in it.
 *
 * The method is a rational function interpolated at Chebyshev nodes of (z - 4)/(z + 4).
 * test/support/derive-normal-tail.ts derives its coefficients. All are positive, so nothing cancels. Even and odd
 * powers are summed apart because two short chains run faster than a long one.
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

/**
 * Computes e^(-z^2/2) within 1 ulp for every z. It adds back the rounding error of z^2, which costs digits for large z.
 */
function gaussian(z: number): number {
  const square = z * z;
  if (square > 1600) return 0;
  const scaled = z * 134217729;
  const high = scaled - (scaled - z);
  const low = z - high;
  const squareError = high * high - square + 2 * high * low + low * low;
  return exp(-0.5 * square) * (1 - 0.5 * squareError);
}

/**
 * Computes the density of the standard normal distribution, within 3 ulp in the normal range. NaN gives NaN, an
 * infinity gives 0.
 */
export function normalDensity(x: number): number {
  return INVERSE_SQRT_TWO_PI * gaussian(x);
}

/**
 * Computes the standard normal distribution N(x), the probability of a value below x. In the lower tail the relative
 * error is below 1e-15 down to -37.5. Further out the result is subnormal, and it is 0 below -38.6. Above 0 the result
 * is within 3e-16 of the exact value.
 *
 * NaN gives NaN, -Infinity gives 0 and Infinity gives 1. N(0) is exactly 1/2, and N(x) + N(-x) is 1 to rounding.
 */
export function normalDistribution(x: number): number {
  if (x >= 0) return 1 - gaussian(x) * normalTailRatio(x);
  return gaussian(x) * normalTailRatio(-x);
}

/**
 * Finds the x with N(x) = probability, within 1e-14 max(1, |x|) where the probability, as a double, determines x that
 * well.
 *
 * 0 gives -Infinity, 1 gives Infinity, and anything outside [0, 1] gives NaN. The first approximation is Abramowitz and
 * Stegun (1964) 26.2.23. Three steps of Halley's method on normalDistribution follow.
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
