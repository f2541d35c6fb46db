/** Up to this many greatest numbers are kept in order while reading once; beyond it, partitioning is faster. */
const INSERTION_LIMIT = 64;

/**
 * Writes the `count` greatest of losses[0] to losses[length - 1] to out[0] to out[count - 1], ascending, without sorting the
 * rest. `scratch` must hold `length` numbers. Few are kept in order while reading once (almost every loss is then one
 * comparison); many are found by partitioning a copy (Hoare's FIND). Throws a RangeError that names a loss that is NaN: it
 * compares with nothing and would be passed over.
 */
export function selectGreatest(
  out: Float64Array,
  losses: Float64Array,
  length: number,
  count: number,
  scratch: Float64Array,
): void {
  if (!(count >= 1 && count <= length && length <= losses.length)) {
    throw new RangeError(
      `The ${count} greatest of ${length} losses: ask for 1 to ${length}, of at most ${losses.length}`,
    );
  }
  if (count <= INSERTION_LIMIT) keepGreatest(out, losses, length, count);
  else partitionGreatest(out, losses, length, count, scratch);
}

function keepGreatest(out: Float64Array, losses: Float64Array, length: number, count: number): void {
  let kept = 0;
  let least = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < length; s = (s + 1) | 0) {
    const loss = losses[s]!;
    if (loss <= least) continue;
    if (kept < count) {
      insertAmong(out, kept, loss, s);
      kept += 1;
      if (kept === count) least = out[0]!;
      continue;
    }
    if (!(loss > least)) refuseLoss(loss, s);
    let place = 1;
    for (; place < count && out[place]! < loss; place += 1) out[place - 1] = out[place]!;
    out[place - 1] = loss;
    least = out[0]!;
  }
  // Losses of minus infinity are below nothing that was kept, and fill what is left.
  for (; kept < count; kept += 1) insertAmong(out, kept, Number.NEGATIVE_INFINITY, -1);
}

function insertAmong(out: Float64Array, kept: number, loss: number, s: number): void {
  if (!(loss >= Number.NEGATIVE_INFINITY)) refuseLoss(loss, s);
  let place = kept;
  for (; place > 0 && out[place - 1]! > loss; place -= 1) out[place] = out[place - 1]!;
  out[place] = loss;
}

function partitionGreatest(
  out: Float64Array,
  losses: Float64Array,
  length: number,
  count: number,
  scratch: Float64Array,
): void {
  for (let s = 0; s < length; s += 1) {
    const loss = losses[s]!;
    if (!(loss >= Number.NEGATIVE_INFINITY)) refuseLoss(loss, s);
    scratch[s] = loss;
  }
  const first = length - count;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = medianOfThree(scratch[low]!, scratch[(low + high) >>> 1]!, scratch[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (scratch[i]! < pivot) i += 1;
      while (scratch[j]! > pivot) j -= 1;
      if (i > j) break;
      const swapped = scratch[i]!;
      scratch[i] = scratch[j]!;
      scratch[j] = swapped;
      i += 1;
      j -= 1;
    }
    if (first <= j) high = j;
    else if (first >= i) low = i;
    else break;
  }
  for (let index = 0; index < count; index += 1) out[index] = scratch[first + index]!;
  out.subarray(0, count).sort();
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function refuseLoss(loss: number, scenario: number): never {
  throw new RangeError(`Loss of scenario ${scenario} is ${loss}; a tail is measured of numbers`);
}
