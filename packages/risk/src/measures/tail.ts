import { createScratch } from "../arrays/scratch.ts";
import { selectGreatest } from "./select.ts";

/**
 * Rounding of n (1 - a): 20 x (1 - 0.9) is 1.9999999999999996 in doubles and means 2
 * (docs/sources.md, Historical simulation).
 */
const COUNT_SLACK = 1e-9;

const tailScratch = createScratch();

/** Which figure of the tail a requirement is. */
export type TailMeasure = "value_at_risk" | "expected_shortfall";

/** The tail of a loss vector; signs as the losses, loss positive. */
export interface Tail {
  /** The quantile: the k-th greatest loss, k = floor(n (1 - a)) + 1. */
  readonly valueAtRisk: number;
  /** Mean of the losses beyond it: of the floor(n (1 - a)) greatest, or of the greatest alone where that is none. */
  readonly expectedShortfall: number;
  /** floor(n (1 - a)); 0 says that there are too few scenarios for the level. */
  readonly scenariosBeyond: number;
}

/** A level is above 0 and below 1; throws a RangeError otherwise: 0 asks for the best case, 1 for what no sample knows. */
export function checkLevel(level: number): void {
  if (level > 0 && level < 1) return;
  throw new RangeError(`Level is ${level}; it must be above 0 and below 1, such as 0.99`);
}

/** Scenarios beyond the quantile: floor(n (1 - level)). */
export function countBeyond(scenarioCount: number, level: number): number {
  checkLevel(level);
  return Math.floor(scenarioCount * (1 - level) + COUNT_SLACK);
}

/** The least number of equally likely scenarios with `beyond` of them past the quantile. */
export function scenariosNeeded(level: number, beyond: number): number {
  checkLevel(level);
  return Math.ceil((beyond / (1 - level)) * (1 - COUNT_SLACK));
}

/**
 * Value at risk and expected shortfall of `length` equally likely losses, by selection. The convention is the discrete
 * one, which lies on a loss that happened (docs/sources.md, Historical simulation); the type 7 quantile of spreadsheets
 * lies between two. The order of the scenarios changes the quantile by nothing and the shortfall by the rounding of its
 * sum. Throws a RangeError for a level outside (0, 1), for no losses, and for one that is NaN.
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
 * Tail of losses with a probability each. The quantile is the loss at which the probability of what is greater and of itself
 * first exceeds 1 - a; the shortfall takes of that loss the share that fills 1 - a, so that it stays sub-additive. Weights
 * of 1/n give the unweighted quantile, and its shortfall where n (1 - a) is whole. Sorts: weights are for histories, not for
 * the hot path. Throws a RangeError for weights that are negative, of another length, or do not add up to 1 within 1e-9.
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

/** Throws unless there are `count` weights, none negative, that add up to 1 within 1e-9. */
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
 * The quantile by linear interpolation between the two losses around (n - 1) level, type 7 of Hyndman and Fan (1996): what
 * spreadsheets and numpy give. For comparison with figures of others; no requirement rests on it.
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
