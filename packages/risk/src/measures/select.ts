import { createScratch } from "../arrays/scratch.ts";

/**
 * One in so many losses is sampled to find a bound that few losses exceed. It is odd, so that both sides of antithetic
 * pairs are sampled.
 */
const SAMPLE_STRIDE = 15;

/** Up to this number, the greatest losses are kept in order while reading. A larger number is found by partitioning. */
const INSERTION_LIMIT = 24;

/** Fewer losses than this are partitioned without a sample, which would cost more than it saves. */
const SAMPLED_FROM = 256;

const sampleScratch = createScratch();

/**
 * Writes the `count` greatest of the first `length` losses to the start of `out`, the least of them first and the
 * others in no order, without sorting. `out` must hold `length` numbers; the rest of it is overwritten.
 *
 * A sample gives a bound. Usually somewhat more than `count` losses exceed it, and only those are then partitioned. If
 * fewer than `count` exceed it, all losses are partitioned: the bound affects the time but never the result. Throws
 * a RangeError if a loss is NaN, since NaN compares with nothing and would be skipped.
 */
export function selectGreatest(out: Float64Array, losses: Float64Array, length: number, count: number): void {
  if (!(count >= 1 && count <= length && length <= losses.length && length <= out.length)) {
    const allowed = `1 to ${length}, of at most ${losses.length}`;
    throw new RangeError(`The ${count} greatest of ${length} losses: ask for ${allowed}`);
  }
  let found = 0;
  if (length >= SAMPLED_FROM && count <= length / 8) {
    found = collectFrom(out, losses, length, sampleBound(losses, length, count));
  }
  // With this bound every loss is collected, NaN included.
  if (found < count) found = collectFrom(out, losses, length, Number.NEGATIVE_INFINITY);
  for (let index = 0; index < found; index += 1) {
    if (Number.isNaN(out[index]!)) throw new RangeError("A loss is NaN; a tail is measured of numbers");
  }
  if (count <= INSERTION_LIMIT) insertGreatest(out, found, count);
  else partitionGreatest(out, found, count);
}

/** Moves the `count` greatest of the first `length` values to the front, in ascending order. */
function insertGreatest(values: Float64Array, length: number, count: number): void {
  for (let index = 1; index < count; index = (index + 1) | 0) {
    const value = values[index]!;
    let place = index;
    for (; place > 0 && values[place - 1]! > value; place -= 1) values[place] = values[place - 1]!;
    values[place] = value;
  }
  let least = values[0]!;
  for (let index = count; index < length; index = (index + 1) | 0) {
    const value = values[index]!;
    if (value <= least) continue;
    let place = 1;
    for (; place < count && values[place]! < value; place += 1) values[place - 1] = values[place]!;
    values[place - 1] = value;
    least = values[0]!;
  }
}

/**
 * Returns a bound from a sample of the losses: the loss at the expected rank of the `count`-th greatest, and some
 * standard deviations of that rank further down.
 */
function sampleBound(losses: Float64Array, length: number, count: number): number {
  const expected = count / SAMPLE_STRIDE;
  const kept = Math.ceil(expected + 2.5 * Math.sqrt(expected) + 1);
  const greatest = sampleScratch(kept);
  greatest.fill(Number.NEGATIVE_INFINITY, 0, kept);
  for (let s = 0; s < length; s = (s + SAMPLE_STRIDE) | 0) {
    const loss = losses[s]!;
    if (!(loss > greatest[0]!)) continue;
    let place = 1;
    for (; place < kept && greatest[place]! < loss; place += 1) greatest[place - 1] = greatest[place]!;
    greatest[place - 1] = loss;
  }
  return greatest[0]!;
}

/**
 * Copies the losses that are not below a bound, in their order, and returns their number. It reads four per turn, as
 * the loop dominates the time.
 */
function collectFrom(out: Float64Array, losses: Float64Array, length: number, bound: number): number {
  let found = 0;
  let s = 0;
  for (; s + 4 <= length; s = (s + 4) | 0) {
    const a = losses[s]!;
    const b = losses[(s + 1) | 0]!;
    const c = losses[(s + 2) | 0]!;
    const d = losses[(s + 3) | 0]!;
    if (!(a < bound)) {
      out[found] = a;
      found = (found + 1) | 0;
    }
    if (!(b < bound)) {
      out[found] = b;
      found = (found + 1) | 0;
    }
    if (!(c < bound)) {
      out[found] = c;
      found = (found + 1) | 0;
    }
    if (!(d < bound)) {
      out[found] = d;
      found = (found + 1) | 0;
    }
  }
  for (; s < length; s += 1) {
    const loss = losses[s]!;
    if (loss < bound) continue;
    out[found] = loss;
    found += 1;
  }
  return found;
}

/** Moves the `count` greatest of the first `length` values to the front, the least of them first, by Hoare's FIND. */
function partitionGreatest(values: Float64Array, length: number, count: number): void {
  const last = count - 1;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >>> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! > pivot) i += 1;
      while (values[j]! < pivot) j -= 1;
      if (i > j) break;
      swap(values, i, j);
      i += 1;
      j -= 1;
    }
    if (last <= j) high = j;
    else if (last >= i) low = i;
    else break;
  }
  swap(values, 0, last);
}

function swap(values: Float64Array, i: number, j: number): void {
  const swapped = values[i]!;
  values[i] = values[j]!;
  values[j] = swapped;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
