/** A point of a function, whose values of 0 or less are searched. */
export interface Sample {
  readonly x: number;
  readonly y: number;
}

/**
 * Narrows a crossing between `outside` (y above 0) and `inside` (y of 0 or less) until both are within `tolerance`, and
 * returns the inside end. It is the ITP method (Oliveira and Takahashi 2020, ACM TOMS 47): regula falsi pulled towards
 * the middle, at most one step slower than bisection for any continuous function.
 */
export function narrowCrossing(
  sample: (x: number) => number,
  outside: Sample,
  inside: Sample,
  tolerance: number,
): Sample {
  let out = outside;
  let within = inside;
  const width = Math.abs(within.x - out.x);
  let slack = tolerance;
  while (slack < width) slack *= 2;
  while (Math.abs(within.x - out.x) > tolerance) {
    const middle = 0.5 * (out.x + within.x);
    const half = 0.5 * Math.abs(within.x - out.x);
    const secant = (within.y * out.x - out.y * within.x) / (within.y - out.y);
    const towardsMiddle = Math.sign(middle - secant);
    const pull = (0.2 / width) * 4 * half * half;
    const truncated = pull <= Math.abs(middle - secant) ? secant + towardsMiddle * pull : middle;
    const reach = Math.max(0, slack - half);
    const x = Math.abs(truncated - middle) <= reach ? truncated : middle - towardsMiddle * reach;
    slack *= 0.5;
    if (x === out.x || x === within.x) break;
    const y = sample(x);
    if (y > 0) out = { x, y };
    else within = { x, y };
  }
  return within;
}

const GOLDEN_SECTION = 0.3819660112501051;

/**
 * Follows the dip of a function at `middle` within [from, to] by golden-section steps towards its minimum. It stops at
 * the first point of 0 or less, or when the interval is within `tolerance`.
 */
export function followDip(
  sample: (x: number) => number,
  from: number,
  middle: Sample,
  to: number,
  tolerance: number,
): void {
  let low = from;
  let high = to;
  let best = middle;
  while (Math.abs(high - low) > tolerance) {
    const intoHigh = Math.abs(high - best.x) > Math.abs(best.x - low);
    const x = best.x + GOLDEN_SECTION * ((intoHigh ? high : low) - best.x);
    const y = sample(x);
    if (y <= 0) return;
    const isBetter = y < best.y;
    if (isBetter === intoHigh) low = isBetter ? best.x : x;
    else high = isBetter ? best.x : x;
    if (isBetter) best = { x, y };
  }
}
