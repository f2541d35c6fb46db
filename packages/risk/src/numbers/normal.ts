import { exp, log } from "./exponential.ts";
import { FIXED_ONE, fixedDivide, fixedMultiply, fixedToNumber } from "./fixed-point.ts";

/** Intervals per unit of z in the table of the tail ratio. */
const INTERVALS_PER_UNIT = 16;
const HALF_INTERVAL = 1 / (2 * INTERVALS_PER_UNIT);
/** exp(-z^2/2) underflows before this, so that a table up to here serves every finite tail. */
const TABLE_END = 40;
const INTERVALS = TABLE_END * INTERVALS_PER_UNIT;
/** A Taylor polynomial of degree 8 over half an interval of 1/32 leaves a relative remainder below 3e-17. */
const COEFFICIENTS = 9;

const TABLE = new Float64Array(INTERVALS * COEFFICIENTS);

/** 1/sqrt(2 pi), the height of the normal density at 0. */
export const INVERSE_SQRT_TWO_PI = fillTailRatioTable();

/**
 * Fills TABLE with the Taylor coefficients of N(-z) e^(z^2/2) around the middle of each interval; returns 1/sqrt(2 pi).
 *
 * Mills' ratio R(z) = N(-z)/n(z) satisfies R' = z R - 1, hence its Taylor coefficients around z satisfy c1 = z c0 - 1
 * and (k + 1) c(k+1) = z c(k) + c(k-1). The start, far in the tail, is Laplace's continued fraction; from there the
 * table is filled towards 0, the direction in which errors shrink. N(0) = 1/2 then gives 1/sqrt(2 pi) = 1/(2 R(0)).
 */
function fillTailRatioTable(): number {
  const ratios: bigint[][] = [];
  const lastMiddle = BigInt(2 * INTERVALS - 1);
  let ratio = laplaceFraction((lastMiddle * FIXED_ONE) >> 5n);
  for (let middle = lastMiddle; middle > 0n; middle -= 2n) {
    const coefficients = millsCoefficients(ratio, middle);
    ratios.push(coefficients);
    ratio = shiftedDown(coefficients, middle === 1n ? 5n : 4n);
  }
  const scale = fixedDivide(FIXED_ONE, 2n * ratio);
  for (let interval = 0; interval < INTERVALS; interval += 1) {
    const coefficients = ratios[INTERVALS - 1 - interval]!;
    for (let power = 0; power < COEFFICIENTS; power += 1) {
      TABLE[interval * COEFFICIENTS + power] = fixedToNumber(fixedMultiply(coefficients[power]!, scale));
    }
  }
  return fixedToNumber(scale);
}

/** R(z) = 1/(z + 1/(z + 2/(z + 3/(z + ...)))), here for z near 40, where 40 levels leave less than 2^-160. */
function laplaceFraction(z: bigint): bigint {
  let denominator = z;
  for (let level = 40n; level > 0n; level -= 1n) denominator = z + fixedDivide(level * FIXED_ONE, denominator);
  return fixedDivide(FIXED_ONE, denominator);
}

/** Taylor coefficients of Mills' ratio around z = middle/32, until half an interval's power makes them vanish. */
function millsCoefficients(ratio: bigint, middle: bigint): bigint[] {
  const coefficients = [ratio, ((middle * ratio) >> 5n) - FIXED_ONE];
  for (let k = 1; k < 40; k += 1) {
    coefficients.push((((middle * coefficients[k]!) >> 5n) + coefficients[k - 1]!) / BigInt(k + 1));
  }
  return coefficients;
}

/** Value of the polynomial at -2^-shift. */
function shiftedDown(coefficients: bigint[], shift: bigint): bigint {
  let sum = 0n;
  for (let power = coefficients.length - 1; power >= 0; power -= 1) sum = coefficients[power]! - (sum >> shift);
  return sum;
}

/**
 * N(-z) e^(z^2/2) for z >= 0: the upper tail of the standard normal distribution without its exponential, between 1/2
 * at 0 and 1/(z sqrt(2 pi)) far out; within 1 ulp. NaN gives NaN, Infinity gives 0; negative z is not defined.
 */
export function normalTailRatio(z: number): number {
  if (z >= TABLE_END) return normalTailRatioFarOut(z);
  const interval = (z * INTERVALS_PER_UNIT) | 0;
  const t = z - interval / INTERVALS_PER_UNIT - HALF_INTERVAL;
  const at = interval * COEFFICIENTS;
  const square = t * t;
  const fourth = square * square;
  const low = TABLE[at + 2]! + t * TABLE[at + 3]!;
  const high = TABLE[at + 4]! + t * TABLE[at + 5]! + square * (TABLE[at + 6]! + t * TABLE[at + 7]!) + fourth * TABLE[at + 8]!;
  return TABLE[at]! + (t * TABLE[at + 1]! + (square * low + fourth * high));
}

/** Asymptotic series of Mills' ratio; the first term left out is below 6e-18 from z = 40 on. */
function normalTailRatioFarOut(z: number): number {
  const w = 1 / z / z;
  return (INVERSE_SQRT_TWO_PI / z) * (1 - w * (1 - w * (3 - w * (15 - w * (105 - w * (945 - w * 10395))))));
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
 * tail down to -37.5 (further out the result is subnormal, and 0 below -38.6).
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
  let z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 3; step += 1) {
    const newton = normalTailRatio(z) - probability / gaussian(z);
    const scaled = newton / INVERSE_SQRT_TWO_PI;
    z += scaled / (1 + 0.5 * z * scaled);
  }
  return -z;
}
