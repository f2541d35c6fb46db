/**
 * Fixed-point numbers on BigInt serve once at load to derive the constants of exp and log from their definitions. The
 * constants are computed, not typed, and are the same on every engine.
 */

/**
 * The number of bits after the point. Two doubles hold 106 of them. The rest absorbs the rounding of 64
 * multiplications.
 */
const FRACTION_BITS = 160n;

export const FIXED_ONE = 1n << FRACTION_BITS;

const ULP = 2 ** -160;

/**
 * Returns the nearest double of a fixed-point number. BigInt to Number rounds to nearest even, and the scaling is
 * exact.
 */
export function fixedToNumber(value: bigint): number {
  return Number(value) * ULP;
}

/** Multiplies two fixed-point numbers, rounded down. */
export function fixedMultiply(left: bigint, right: bigint): bigint {
  return (left * right) >> FRACTION_BITS;
}

/** Computes the square root of a fixed-point number, rounded down, by Newton's iteration on integers. */
export function fixedSquareRoot(value: bigint): bigint {
  const radicand = value << FRACTION_BITS;
  let root = 1n << BigInt(Math.floor(radicand.toString(2).length / 2) + 1);
  for (;;) {
    const next = (root + radicand / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Computes ln 2 as the sum of 1/(k 2^k). */
export function fixedLogOfTwo(): bigint {
  let sum = 0n;
  for (let k = 1n; k <= FRACTION_BITS; k += 1n) sum += (FIXED_ONE >> k) / k;
  return sum;
}
