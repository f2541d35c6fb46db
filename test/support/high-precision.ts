/**
 * Reference mathematics on BigInt with 512 bits after the point. It uses definitions that the code under test does not
 * use.
 */

const BITS = 512n;
export const ONE = 1n << BITS;

/** Returns the exact fixed-point value of a finite double that is a multiple of 2^-512. */
export function fromNumber(value: number): bigint {
  let integer = value;
  let shift = 0n;
  while (!Number.isInteger(integer)) {
    integer *= 2;
    shift += 1n;
  }
  if (shift > BITS) throw new RangeError(`${value} has bits below 2^-${BITS}: scale it before converting`);
  return BigInt(integer) << (BITS - shift);
}

/** Returns the nearest double. Values below 2^-400 lose digits. */
export function toNumber(value: bigint): number {
  return Number(value) * 2 ** -256 * 2 ** -256;
}

export function multiply(left: bigint, right: bigint): bigint {
  return (left * right) >> BITS;
}

export function divide(numerator: bigint, denominator: bigint): bigint {
  return (numerator << BITS) / denominator;
}

/** Computes e^x by a Taylor series after dividing x by 2^32, followed by 32 squarings. */
export function expOf(x: bigint): bigint {
  if (x < 0n) return divide(ONE, expOf(-x));
  const small = x >> 32n;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term > 0n; k += 1n) {
    term = multiply(term, small) / k;
    sum += term;
  }
  for (let squaring = 0; squaring < 32; squaring += 1) sum = multiply(sum, sum);
  return sum;
}

/**
 * Computes ln x for an x > 0 that is not extreme. It starts from the double's logarithm and applies Newton's iteration
 * on expOf.
 */
export function logOf(x: bigint): bigint {
  let estimate = fromNumber(Math.log(toNumber(x)));
  for (let step = 0; step < 4; step += 1) estimate += divide(x, expOf(estimate)) - ONE;
  return estimate;
}

export function squareRootOf(x: bigint): bigint {
  let root = fromNumber(Math.sqrt(toNumber(x)));
  for (let step = 0; step < 6; step += 1) root = (root + divide(x, root)) >> 1n;
  return root;
}

/** pi by Machin's formula. */
export const PI = 4n * (4n * arctangentOfReciprocal(5n) - arctangentOfReciprocal(239n));

function arctangentOfReciprocal(n: bigint): bigint {
  let power = ONE / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = -power / (n * n);
  }
  return sum;
}

export const SQRT_TWO_PI = squareRootOf(2n * PI);

/**
 * Computes N(-z) e^(z^2/2) for z >= 0. From z = 3 on it uses Laplace's continued fraction, whose 200 levels leave less
 * than 1e-34. Below, it uses the series of odd double factorials.
 */
export function normalTailRatioOf(z: bigint): bigint {
  if (z >= 3n * ONE) {
    let denominator = z;
    for (let level = 200n; level > 0n; level -= 1n) denominator = z + divide(level * ONE, denominator);
    return divide(ONE, multiply(denominator, SQRT_TWO_PI));
  }
  const square = multiply(z, z);
  let term = z;
  let sum = z;
  for (let k = 3n; term > 0n; k += 2n) {
    term = multiply(term, square) / k;
    sum += term;
  }
  return (expOf(square >> 1n) >> 1n) - divide(sum, SQRT_TWO_PI);
}

/** ln 2. It shifts tiny results into the range of the format: e^x 2^n is expOf(x + n LN_TWO). */
export const LN_TWO = logOf(2n * ONE);

/** Computes N(-z) 2^binaryExponent for z >= 0. */
export function lowerTailOf(z: bigint, binaryExponent: number): bigint {
  const exponent = BigInt(binaryExponent) * LN_TWO - (multiply(z, z) >> 1n);
  return multiply(expOf(exponent), normalTailRatioOf(z));
}

/** Computes |actual / expected - 1|, where the double is exact and the reference is not 0. */
export function relativeError(actual: number, expected: bigint): number {
  const difference = fromNumber(actual) - expected;
  return Math.abs(toNumber(divide(difference, expected)));
}
