import { measureTail, type TailMeasure } from "./tail.ts";

/**
 * Estimates the standard error of a tail figure, in the currency of the losses. Losses 2i and 2i + 1 form one draw: a
 * scenario and its mirror image, or two independent ones. The variance is therefore that of the mean over pairs
 * (antithetic variates; Glasserman, Monte Carlo Methods in Financial Engineering, 2003, section 4.2). For the shortfall
 * it is the standard error of the excess over the quantile, divided by 1 - a. For the quantile it is half the distance
 * between two losses, as many places on either side as the count of losses beyond it is uncertain, which is
 * sqrt(variance) / density without an estimate of the density (docs/sources.md, Monte Carlo). It is infinite if at most
 * one pair could lie beyond the quantile. Throws a RangeError for an odd number of losses.
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
