/**
 * Adds quantity x risk array of `count` positions to `losses`: losses[s] += quantities[p] * arrays[offsets[p] + s], for p
 * from 0 on, so that each scenario is one sum in the order of the positions. Four positions share one pass over the
 * losses; the order of the additions, and so every bit, is that of the plain double loop. A kernel with wider registers
 * may take its place as long as it multiplies and adds in this order without fusing the two.
 */
export function accumulateLosses(
  losses: Float64Array,
  arrays: Float64Array,
  offsets: Int32Array,
  quantities: Float64Array,
  start: number,
  end: number,
  scenarioCount: number,
): void {
  let position = start;
  for (; position + 4 <= end; position += 4) {
    const q0 = quantities[position]!;
    const q1 = quantities[position + 1]!;
    const q2 = quantities[position + 2]!;
    const q3 = quantities[position + 3]!;
    const a0 = offsets[position]!;
    const a1 = offsets[position + 1]!;
    const a2 = offsets[position + 2]!;
    const a3 = offsets[position + 3]!;
    // `| 0` tells the compiler that an index cannot overflow, and saves it the check.
    for (let s = 0; s < scenarioCount; s = (s + 1) | 0) {
      losses[s] =
        losses[s]! +
        q0 * arrays[(a0 + s) | 0]! +
        q1 * arrays[(a1 + s) | 0]! +
        q2 * arrays[(a2 + s) | 0]! +
        q3 * arrays[(a3 + s) | 0]!;
    }
  }
  for (; position < end; position += 1) {
    const quantity = quantities[position]!;
    const offset = offsets[position]!;
    for (let s = 0; s < scenarioCount; s += 1) losses[s] = losses[s]! + quantity * arrays[offset + s]!;
  }
}

/** Index in [start, end) of the greatest loss, the lowest on a tie; -1 when the range is empty. */
export function worstIndex(losses: Float64Array, start: number, end: number): number {
  if (start >= end) return -1;
  let worst = start;
  let greatest = losses[start]!;
  for (let s = start + 1; s < end; s += 1) {
    const loss = losses[s]!;
    if (loss > greatest) {
      greatest = loss;
      worst = s;
    }
  }
  return worst;
}
