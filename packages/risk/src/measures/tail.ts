import { createScratch } from "../arrays/scratch.ts";
import { selectGreatest } from "./select.ts";

/**
 * Allowance for rounding in n (1 - a): 20 x (1 - 0.9) is 1.9999999999999996 in doubles but means 2 (docs/sources.md,
 * Historical simulation).
 */
const COUNT_SLACK = 1e-9;

const tailScratch = createScratch();

/** The figure of the tail on which a requirement is based. */
export type TailMeasure = "value_at_risk" | "expected_shortfall";

/** The tail of a loss vector. Losses are positive. */
export interface Tail {
  /** The quantile, which is the k-th greatest loss with k = floor(n (1 - a)) + 1. */
  readonly valueAtRisk: number;
  /**
   * Mean of the floor(n (1 - a)) greatest losses, which lie beyond the quantile. If that number is 0, it is the
   * greatest loss.
   */
  readonly expectedShortfall: number;
  /** Number of losses beyond the quantile, floor(n (1 - a)). 0 means that there are too few scenarios for the level. */
  readonly scenariosBeyond: number;
}

/**
 * Throws a RangeError unless the level is above 0 and below 1. Level 0 would ask for the best case, and no sample can
 * answer level 1.
 */
export function checkLevel(level: number): void {
  if (level > 0 && level < 1) return;
  throw new RangeError(`Level is ${level}; it must be above 0 and below 1, such as 0.99`);
}

/** Returns the number of scenarios beyond the quantile: floor(n (1 - level)). */
export function countBeyond(scenarioCount: number, level: number): number {
  checkLevel(level);
  return Math.floor(scenarioCount * (1 - level) + COUNT_SLACK);
}

/** Returns the least number of equally likely scenarios of which `beyond` lie past the quantile. */
export function scenariosNeeded(level: number, beyond: number): number {
  checkLevel(level);
  return Math.ceil((beyond / (1 - level)) * (1 - COUNT_SLACK));
}

/**
 * Computes value at risk and expected shortfall of the first `length` losses, all equally likely, by selection. The
 * quantile is one of the losses (docs/sources.md, Historical simulation), unlike the type 7 quantile of spreadsheets,
 * which lies between two. The order of the losses does not affect the quantile, and affects the shortfall only by the
 * rounding of its sum. Throws a RangeError for a level outside (0, 1), for no losses, and for a loss that is NaN.
 */
export function measureTail(losses: Float64Array, level: number, length = losses.length): Tail {
  const scenariosBeyond = countBeyond(length, level);
  if (length === 0) throw new RangeError("The tail of 0 losses: give at least 1 scenario");
  const count = scenariosBeyond + 1;
  const tail = tailScratch(length);
  selectGreatest(tail, losses, length, count);
  const valueAtRisk = tail[0]!;
  if (scenariosBeyond === 0) return { valueAtRisk, expectedShortfall: valueAtRisk, scenariosBeyond };
  let sum = 0;
  for (let index = 1; index < count; index += 1) sum += tail[index]!;
  return { valueAtRisk, expectedShortfall: sum / scenariosBeyond, scenariosBeyond };
}

/**
 * Computes the tail of losses with individual probabilities. The quantile is the loss at which the probability of it
 * and all greater losses first exceeds 1 - a. The shortfall counts the part of that loss that fills 1 - a, so that it
 * stays sub-additive. Weights of 1/n give the unweighted quantile, and the unweighted shortfall if n (1 - a) is whole.
 * It sorts the losses, so it is not for the hot path. Throws a RangeError for weights that are negative, of another
 * length, or do not add up to 1 within 1e-9.
 */
export function measureWeightedTail(losses: ArrayLike<number>, weights: ArrayLike<number>, level: number): Tail {
  checkLevel(level);
  checkWeights(weights, losses.length);
  const beyondShare = 1 - level;
  let reached = 0;
  let sum = 0;
  let scenariosBeyond = 0;
  for (const index of descendingOrder(losses)) {
    const weight = weights[index]!;
    const loss = losses[index]!;
    if (reached + weight > beyondShare + COUNT_SLACK / losses.length) {
      const expectedShortfall = (sum + Math.max(0, beyondShare - reached) * loss) / beyondShare;
      return { valueAtRisk: loss, expectedShortfall, scenariosBeyond };
    }
    reached += weight;
    sum += weight * loss;
    scenariosBeyond += 1;
  }
  throw new RangeError(`Weights of ${losses.length} scenarios end before the level ${level}`);
}

/**
 * Throws a RangeError unless there are `count` weights, at least one and none negative, that add up to 1 within 1e-9.
 */
export function checkWeights(weights: ArrayLike<number>, count: number): void {
  if (weights.length !== count || count === 0) {
    throw new RangeError(`${weights.length} weights for ${count} scenarios; give one each, and at least one`);
  }
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    const weight = weights[index]!;
    if (!(weight >= 0)) throw new RangeError(`weights[${index}] is ${weight}; a probability is from 0 to 1`);
    sum += weight;
  }
  if (!(Math.abs(sum - 1) <= COUNT_SLACK)) throw new RangeError(`Weights add up to ${sum}; they must add up to 1`);
}

function descendingOrder(losses: ArrayLike<number>): number[] {
  const order = Array.from(losses, (_, index) => index);
  const wrong = order.find((index) => Number.isNaN(losses[index]));
  if (wrong !== undefined) throw new RangeError(`Loss of scenario ${wrong} is NaN; a tail is measured of numbers`);
  return order.sort((a, b) => losses[b]! - losses[a]! || a - b);
}

/**
 * Computes the quantile by linear interpolation between the two losses around (n - 1) level: type 7 of Hyndman and Fan
 * (1996), as in spreadsheets and numpy. It serves for comparison with figures of others; no requirement uses it.
 */
export function interpolatedQuantile(losses: Float64Array, level: number): number {
  checkLevel(level);
  if (losses.length === 0) throw new RangeError("The quantile of 0 losses: give at least 1 scenario");
  const position = (losses.length - 1) * level;
  const below = Math.floor(position);
  const count = losses.length - below;
  const tail = tailScratch(losses.length);
  selectGreatest(tail, losses, losses.length, count);
  const lower = tail[0]!;
  let upper = count > 1 ? Number.POSITIVE_INFINITY : lower;
  for (let index = 1; index < count; index += 1) upper = Math.min(upper, tail[index]!);
  return lower + (position - below) * (upper - lower);
}
