import { exp, log, logRatio, normalDistribution, normalQuantile } from "../numbers/index.ts";

const TWO_PI = 6.283185307179586;

/** Terms smaller than this share of a sum no longer change it. */
const NEGLIGIBLE = 1e-18;

/**
 * Computes the probability that a chi-square variable exceeds x, for a whole number of degrees of freedom from 1 on. It
 * is 2 N(-sqrt x) for one degree and e^(-x/2) for two. Two more degrees add (x/2)^(k/2) e^(-x/2) / Gamma(k/2 + 1)
 * (Abramowitz and Stegun 26.4.8). An x at or below 0 gives 1, Infinity gives 0, and NaN gives NaN.
 */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  checkDegrees(degreesOfFreedom);
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const isOdd = degreesOfFreedom % 2 === 1;
  const half = x / 2;
  let tail = isOdd ? 2 * normalDistribution(-Math.sqrt(x)) : exp(-half);
  // (x/2)^(k/2) e^(-x/2) / Gamma(k/2 + 1) for k = 1 or 2; Gamma(3/2) is sqrt(pi) / 2.
  let term = isOdd ? Math.sqrt((4 * half) / (TWO_PI / 2)) * exp(-half) : half * exp(-half);
  for (let degrees = isOdd ? 1 : 2; degrees < degreesOfFreedom; degrees += 2) {
    tail += term;
    term *= half / (degrees / 2 + 1);
  }
  return Math.min(1, tail);
}

/**
 * Finds the x that a chi-square variable exceeds with this probability, such as 3.8415 for 5 % and one degree of
 * freedom. The error is a few ulp for one and two degrees. For more degrees bisection goes on to neighbouring doubles.
 * 0 gives Infinity, 1 gives 0, and anything outside [0, 1] gives NaN.
 */
export function chiSquareCritical(tailProbability: number, degreesOfFreedom: number): number {
  checkDegrees(degreesOfFreedom);
  if (!(tailProbability >= 0 && tailProbability <= 1)) return Number.NaN;
  if (tailProbability === 0) return Number.POSITIVE_INFINITY;
  if (degreesOfFreedom === 2) return 0 - 2 * log(tailProbability);
  if (degreesOfFreedom === 1) {
    const deviations = normalQuantile(tailProbability / 2);
    return deviations * deviations;
  }
  let low = 0;
  let high = degreesOfFreedom;
  while (chiSquareTail(high, degreesOfFreedom) > tailProbability) high *= 2;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (chiSquareTail(middle, degreesOfFreedom) > tailProbability) low = middle;
    else high = middle;
  }
}

function checkDegrees(degreesOfFreedom: number): void {
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1) {
    throw new RangeError(`Degrees of freedom are ${degreesOfFreedom}; give a whole number from 1 on`);
  }
}

/**
 * Computes the probability of exactly k successes in n independent trials of probability p. The relative error is near
 * 1e-14 even for millions of trials. It uses Loader's saddle-point form (Fast and Accurate Computation of Binomial
 * Probabilities, 2000), in which nothing large cancels. It is 0 for k outside 0 to n.
 */
export function binomialProbability(k: number, n: number, p: number): number {
  checkTrials(n, p);
  if (!Number.isInteger(k) || k < 0 || k > n) return 0;
  if (p === 0) return k === 0 ? 1 : 0;
  if (p === 1) return k === n ? 1 : 0;
  if (k === 0) return exp(n * log(1 - p));
  if (k === n) return exp(n * log(p));
  const rest = n - k;
  const exponent = stirlingError(n) - stirlingError(k) - stirlingError(rest) - deviance(k, n * p);
  return Math.sqrt(n / (TWO_PI * k * rest)) * exp(exponent - deviance(rest, n * (1 - p)));
}

/**
 * Computes the probability of at most k successes in n independent trials of probability p. It sums from k towards the
 * nearer end, so that small tails keep their digits. It is 0 for k below 0, and 1 from n on.
 */
export function binomialDistribution(k: number, n: number, p: number): number {
  checkTrials(n, p);
  const most = Math.floor(k);
  if (Number.isNaN(k)) return Number.NaN;
  if (most < 0) return 0;
  if (most >= n) return 1;
  if (p === 0 || p === 1) return p === 0 ? 1 : 0;
  return most <= n * p ? lowerTail(most, n, p) : 1 - lowerTail(n - most - 1, n, 1 - p);
}

/** Computes the sum of the probabilities of k, k - 1, ... 0 successes. */
function lowerTail(k: number, n: number, p: number): number {
  let term = binomialProbability(k, n, p);
  let sum = term;
  const odds = (1 - p) / p;
  for (let successes = k; successes > 0; successes -= 1) {
    term *= (successes / (n - successes + 1)) * odds;
    sum += term;
    if (term < sum * NEGLIGIBLE) break;
  }
  return sum;
}

function checkTrials(n: number, p: number): void {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`Trials are ${n}; give a whole number from 0 on`);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`The probability of a trial is ${p}; give one from 0 to 1`);
}

/** From this n on, five terms of the Stirling series are within 1e-17. */
const STIRLING_FROM = 16;

/**
 * ln(n!) - ln(sqrt(2 pi n) (n / e)^n) for n from 0 to 16, summed from logarithms. The entry for 0 is 0 and is not used.
 */
const SMALL_STIRLING_ERRORS = buildSmallStirlingErrors();

function buildSmallStirlingErrors(): number[] {
  // The recursion counts down from the series at 16: delta(n) = delta(n + 1) + (n + 1/2) ln((n + 1) / n) - 1.
  const errors = new Array<number>(STIRLING_FROM + 1).fill(0);
  errors[STIRLING_FROM] = stirlingSeries(STIRLING_FROM);
  for (let n = STIRLING_FROM - 1; n >= 1; n -= 1) {
    errors[n] = errors[n + 1]! + ((n + 0.5) * logRatio(n + 1, n) - 1);
  }
  return errors;
}

function stirlingError(n: number): number {
  return n < STIRLING_FROM ? SMALL_STIRLING_ERRORS[n]! : stirlingSeries(n);
}

function stirlingSeries(n: number): number {
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** Computes x ln(x / m) + m - x, which is at least 0, by its series where x and m are close. */
function deviance(x: number, m: number): number {
  const v = (x - m) / (x + m);
  if (Math.abs(v) > 0.1) return x * logRatio(x, m) + m - x;
  let sum = (x - m) * v;
  const square = v * v;
  let power = 2 * x * v;
  for (let odd = 3; ; odd += 2) {
    power *= square;
    const next = sum + power / odd;
    if (next === sum) return sum;
    sum = next;
  }
}
