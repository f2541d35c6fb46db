import { measureTail, type TailMeasure } from "./tail.ts";

/**
 * Standard error of a figure of the tail of `losses`, in their currency. Losses 2i and 2i + 1 are one draw: a scenario
 * and its mirror image, of which a straddle loses alike in both and a future in one alone; or two that have nothing in
 * common. What is estimated is therefore the variance of the mean over pairs (antithetic variates; Glasserman, Monte
 * Carlo Methods in Financial Engineering, 2003, section 4.2). Of the shortfall it is that of the excess over the
 * quantile over 1 - a; of the quantile half the distance between the losses that lie as many places either side of it
 * as the count of losses beyond it is uncertain, which is sqrt(variance) / density without guessing a density
 * (docs/sources.md, Monte Carlo). Infinity where one pair alone, or none, could lie beyond the quantile. Throws a
 * RangeError for an odd number of losses.
 */
export function standardErrorOf(losses: Float64Array, level: number, measure: TailMeasure): number {
  if (losses.length % 2 !== 0) throw new RangeError(`${losses.length} losses are no pairs; give an even number`);
  const { valueAtRisk, scenariosBeyond } = measureTail(losses, level);
  const count = losses.length;
  const pairCount = count / 2;
  let pairsBeyond = 0;
  let beyond = 0;
  let beyondSquares = 0;
  let excess = 0;
  let excessSquares = 0;
  for (let s = 0; s < count; s += 2) {
    const first = Math.max(0, losses[s]! - valueAtRisk);
    const second = Math.max(0, losses[s + 1]! - valueAtRisk);
    const both = (first > 0 ? 1 : 0) + (second > 0 ? 1 : 0);
    if (both === 0) continue;
    pairsBeyond += 1;
    beyond += both;
    beyondSquares += both * both;
    excess += first + second;
    excessSquares += (first + second) * (first + second);
  }
  if (scenariosBeyond < 2 || pairsBeyond === 1) return Number.POSITIVE_INFINITY;
  if (measure === "expected_shortfall") {
    return Math.sqrt(excessSquares - (excess * excess) / pairCount) / scenariosBeyond;
  }
  const sorted = Float64Array.from(losses).sort();
  const place = count - 1 - scenariosBeyond;
  const places = Math.max(1, Math.round(Math.sqrt(beyondSquares - (beyond * beyond) / pairCount)));
  const above = Math.min(count - 1, place + places);
  const below = Math.max(0, place - places);
  return (sorted[above]! - sorted[below]!) / 2;
}
