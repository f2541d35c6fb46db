import { exp, log, type Random } from "../numbers/index.ts";
import type { TailFigures } from "./normal-tail.ts";
import { checkLevel } from "./tail.ts";

/** Half of ln(2 pi). */
const HALF_LOG_TWO_PI = 0.9189385332046727;

/** Throws a RangeError unless the variance of the distribution exists, that is for more than 2 degrees of freedom. */
export function checkDegrees(degreesOfFreedom: number): void {
  if (degreesOfFreedom > 2 && degreesOfFreedom < Number.POSITIVE_INFINITY) return;
  throw new RangeError(
    `Degrees of freedom are ${degreesOfFreedom}; they must be above 2, for below there is no variance`,
  );
}

/**
 * Draws a chi-square variable with `degrees` of freedom, which need not be whole, by rejection (Marsaglia and Tsang
 * 2000, gamma with shape degrees / 2, times 2). It draws as many random numbers as it needs, so later draws from the
 * stream depend on it.
 */
export function drawChiSquare(random: Random, degrees: number): number {
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = 1 + c * x;
    if (v <= 0) continue;
    const cube = v * v * v;
    const u = Math.max(random.uniform(), 2 ** -53);
    if (log(u) < 0.5 * x * x + d - d * cube + d * log(cube)) return 2 * d * cube;
  }
}

/**
 * Computes ln Gamma(x) for x > 0 by Stirling's series after shifting x above 10. The absolute error of the series is
 * below 1e-14 there.
 */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift += log(y);
    y += 1;
  }
  const q = 1 / (y * y);
  const series = (1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q * (1 / 1188 - q * (691 / 360360)))))) / y;
  return (y - 0.5) * log(y) - y + HALF_LOG_TWO_PI + series - shift;
}

/** Computes the density of Student's t distribution. */
export function studentDensity(x: number, degrees: number): number {
  const constant = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * log(degrees * Math.PI);
  return exp(constant - ((degrees + 1) / 2) * log(1 + (x * x) / degrees));
}

/**
 * Computes the upper tail probability P(T > x) for x >= 0: half the regularised incomplete beta function at degrees /
 * (degrees + x^2).
 */
function studentTail(x: number, degrees: number): number {
  const a = degrees / 2;
  const b = 0.5;
  const share = degrees / (degrees + x * x);
  const rest = (x * x) / (degrees + x * x);
  const front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(share) + b * log(rest));
  const near = share < (a + 1) / (a + b + 2);
  const value = near ? (front * betaFraction(a, b, share)) / a : 1 - (front * betaFraction(b, a, rest)) / b;
  return 0.5 * value;
}

/** Evaluates the continued fraction of the incomplete beta function by Lentz's algorithm (Numerical Recipes 6.4). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return fraction;
}

/**
 * Finds the x with P(T <= x) = probability, for 0 < probability < 1, by bisection to within 1e-12 of x. It is NaN for
 * other probabilities.
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1)) return Number.NaN;
  if (probability < 0.5) return 0 - studentQuantile(1 - probability, degrees);
  const tail = 1 - probability;
  let low = 0;
  let high = 1;
  while (studentTail(high, degrees) > tail) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step += 1) {
    const middle = 0.5 * (low + high);
    if (studentTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}

/**
 * Computes value at risk and expected shortfall of a loss that follows Student's t with this standard deviation sigma
 * (a textbook formula, checked by numerical integration; docs/sources.md, Parametric tails). With r = sqrt((nu - 2) / nu),
 * value at risk is t(a) sigma r, and expected shortfall is sigma r f(t) (nu + t^2) / ((nu - 1) (1 - a)).
 */
export function studentTailFigures(level: number, degreesOfFreedom: number, deviation: number): TailFigures {
  checkLevel(level);
  checkDegrees(degreesOfFreedom);
  const nu = degreesOfFreedom;
  const scale = deviation * Math.sqrt((nu - 2) / nu);
  const t = studentQuantile(level, nu);
  return {
    valueAtRisk: t * scale,
    expectedShortfall: (scale * studentDensity(t, nu) * (nu + t * t)) / ((nu - 1) * (1 - level)),
  };
}
