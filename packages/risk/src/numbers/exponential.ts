import { FIXED_ONE, fixedLogOfTwo, fixedMultiply, fixedSquareRoot, fixedToNumber } from "./fixed-point.ts";

/** exp splits its argument into steps of ln2 / STEPS, so that a polynomial of degree 5 is enough for the remainder. */
const STEPS = 64;

const lnTwo = fixedLogOfTwo();
/** The leading 32 bits of ln 2, whose products with integers below 2^21 are exact. */
const LN2_HIGH_FIXED = (lnTwo >> 128n) << 128n;
const LN2_HIGH = fixedToNumber(LN2_HIGH_FIXED);
const LN2_LOW = fixedToNumber(lnTwo - LN2_HIGH_FIXED);
const STEP_HIGH = LN2_HIGH / STEPS;
const STEP_LOW = LN2_LOW / STEPS;
const STEPS_PER_UNIT = STEPS / fixedToNumber(lnTwo);

/** 2^(j/64) as the sum of two doubles, at [2j] and [2j + 1]. */
export const ROOTS_OF_TWO = buildRootsOfTwo();

/** 2^k at [k + 1074], for k from -1074 to 1023. */
export const POWERS_OF_TWO = buildPowersOfTwo();

/** The range of arguments for which POWERS_OF_TWO contains the power of two of the result. */
const EXP_LOWEST = -744;
const EXP_HIGHEST = 709;

/** Two views of one double give access to the bits of its exponent. The machine decides the order of the two words. */
const WORD_VIEW_SOURCE = new Float64Array(1);
const WORD_VIEW = new Uint32Array(WORD_VIEW_SOURCE.buffer);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
/** The high word of a double just below sqrt(1/2). */
const SQRT_HALF_HIGH_WORD = 0x3fe6a09e;

function buildRootsOfTwo(): Float64Array {
  let step = 2n * FIXED_ONE;
  for (let size = STEPS; size > 1; size /= 2) step = fixedSquareRoot(step);
  const table = new Float64Array(2 * STEPS);
  let root = FIXED_ONE;
  for (let j = 0; j < STEPS; j += 1) {
    const high = fixedToNumber(root);
    table[2 * j] = high;
    table[2 * j + 1] = fixedToNumber(root - BigInt(high * 2 ** 52) * (FIXED_ONE >> 52n));
    root = fixedMultiply(root, step);
  }
  return table;
}

function buildPowersOfTwo(): Float64Array {
  const table = new Float64Array(1074 + 1024);
  let power = 2 ** -1074;
  for (let index = 0; index < table.length; index += 1) {
    table[index] = power;
    power *= 2;
  }
  return table;
}

/**
 * Computes e^x, within 0.7 ulp from -708 to 709 and 2 ulp beyond. Where the result is subnormal the error is at most
 * one unit.
 *
 * exp(NaN) is NaN, exp(Infinity) is Infinity, exp(-Infinity) is 0, and exp(0) is exactly 1. Above 709.782712893384 the
 * result is Infinity, below -745.1332191019412 it is 0.
 */
export function exp(x: number): number {
  return x >= EXP_LOWEST && x <= EXP_HIGHEST ? expInRange(x) : expNearLimits(x);
}

function expNearLimits(x: number): number {
  if (x > 710) return Number.POSITIVE_INFINITY;
  if (x < -746) return 0;
  const root = expInRange(0.5 * x);
  return root * root;
}

/**
 * Computes e^x for x from -744 to 709 without a test of the range, for loops whose arguments are known to lie in it.
 * NaN gives NaN.
 *
 * With x = (64 k + j) ln2/64 + r and |r| <= ln2/128, e^x = 2^k 2^(j/64) e^r. The roots of two are tabulated in two
 * doubles. e^r is its Taylor polynomial of degree 5, whose remainder is below 4e-17.
 */
export function expInRange(x: number): number {
  const steps = Math.floor(x * STEPS_PER_UNIT + 0.5);
  const r = x - steps * STEP_HIGH - steps * STEP_LOW;
  const index = steps | 0;
  const entry = (index & (STEPS - 1)) << 1;
  const high = ROOTS_OF_TWO[entry]!;
  const growth = r + r * r * (0.5 + r * (1 / 6) + r * r * (1 / 24 + r * (1 / 120)));
  return (high + (ROOTS_OF_TWO[entry + 1]! + high * growth)) * POWERS_OF_TWO[(index >> 6) + 1074]!;
}

/**
 * Computes the natural logarithm, within 1 ulp.
 *
 * log(NaN) and log of a negative number are NaN, log(0) is -Infinity, log(Infinity) is Infinity, and log(1) is exactly
 * 0. Subnormal arguments are exact inputs like any other.
 *
 * With x = 2^k (1 + f) and 1 + f in [sqrt(1/2), sqrt(2)), log(1 + f) = 2 artanh(s) with s = f / (2 + f).
 */
export function log(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) {
    if (x === 0) return Number.NEGATIVE_INFINITY;
    return x > 0 ? x : Number.NaN;
  }
  WORD_VIEW_SOURCE[0] = x < 2 ** -1022 ? x * 2 ** 54 : x;
  const highWord = WORD_VIEW[HIGH_WORD]!;
  // Counting the exponent from sqrt(1/2) instead of 1 keeps f small on both sides of a power of two.
  const offset = highWord + (0x3ff00000 - SQRT_HALF_HIGH_WORD);
  const exponent = (offset >>> 20) - 1023 - (x < 2 ** -1022 ? 54 : 0);
  WORD_VIEW[HIGH_WORD] = (offset & 0xfffff) + SQRT_HALF_HIGH_WORD;
  const f = WORD_VIEW_SOURCE[0] - 1;
  const s = f / (2 + f);
  const square = s * s;
  // 2 artanh(s) = 2s + 2s^3 P(s^2) and 2s = f - s f. Writing the sum around the exact f keeps the rounding of s out of
  // the leading term.
  const correction = s * (f - 2 * square * artanhSeries(square));
  return exponent * LN2_HIGH + (f - (correction - exponent * LN2_LOW));
}

/** Computes (artanh(s)/s - 1)/s^2 as a polynomial in s^2. The remainder is below 1e-18 for s^2 < 0.0295. */
function artanhSeries(square: number): number {
  let sum = 1 / 25;
  for (let denominator = 23; denominator >= 3; denominator -= 2) sum = sum * square + 1 / denominator;
  return sum;
}

/**
 * Computes ln(numerator / denominator), within 3 ulp also where the two are close. The log of a rounded quotient would
 * lose the digits that the quotient lost. A negative argument gives NaN. 0 and the infinities follow log(numerator /
 * denominator).
 */
export function logRatio(numerator: number, denominator: number): number {
  const difference = numerator - denominator;
  const sum = numerator + denominator;
  const s = difference / sum;
  if (numerator > 0 && denominator > 0 && s < 0.17 && s > -0.17) {
    const square = s * s;
    return 2 * s + 2 * s * square * artanhSeries(square);
  }
  return numerator < 0 || denominator < 0 ? Number.NaN : log(numerator / denominator);
}

/**
 * Computes base^exponent for a base above 0, as e^(exponent ln base). The relative error is up to 2.3e-16 (2 +
 * |exponent ln base|).
 *
 * pow(x, 0) is 1 for every x that is neither negative nor NaN. A base that is negative or NaN gives NaN. pow(0, y) is 0
 * for y > 0 and Infinity for y < 0.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0 && base >= 0) return 1;
  return exp(exponent * log(base));
}
