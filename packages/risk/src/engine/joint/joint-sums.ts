import type { BookUnit } from "../book/book.ts";

/** The number of positions between two sums that are kept. */
export const KEPT_STEP = 16;

/**
 * Sums of joint risk arrays that were taken before, by unit and then by segment. The n-th list entry of a segment is the
 * sum of its first (n + 1) x KEPT_STEP positions, in each scenario, and the last is the sum of all. They depend on the
 * positions alone, so a unit whose first positions are the same can go on from there.
 */
export type JointSums = ReadonlyMap<BookUnit, readonly (readonly Float64Array[])[]>;

/**
 * Sets `sums` to the sum of as many of the positions `start` to `end` - 1 of a unit as are kept, or to 0. Returns the
 * first position that is not part of the sum yet.
 */
export function restoreSums(sums: Float64Array, unit: BookUnit, start: number, end: number, kept: JointSums): number {
  for (const [own, ofSegments] of kept) {
    if (own.underlyingIndex !== unit.underlyingIndex) continue;
    for (const [segment, { start: ownStart, end: ownEnd }] of own.segments.entries()) {
      const alike = countAlike(own, ownStart, Math.min(ownEnd - ownStart, end - start), unit, start);
      const known = ofSegments[segment]!;
      const steps = alike === ownEnd - ownStart ? known.length : Math.floor(alike / KEPT_STEP);
      if (steps === 0) continue;
      sums.set(known[steps - 1]!);
      return start + Math.min(steps * KEPT_STEP, ownEnd - ownStart);
    }
  }
  sums.fill(0);
  return start;
}

/** Returns how many positions of two units, from the given places on and at most `limit`, are the same. */
function countAlike(a: BookUnit, fromA: number, limit: number, b: BookUnit, fromB: number): number {
  let alike = 0;
  while (
    alike < limit &&
    a.instrumentIndexes[fromA + alike] === b.instrumentIndexes[fromB + alike] &&
    Object.is(a.quantities[fromA + alike], b.quantities[fromB + alike])
  ) {
    alike += 1;
  }
  return alike;
}
