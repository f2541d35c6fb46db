import { ewmaVariances, filterReturns, meanSquare } from "../measures/ewma.ts";
import { pow } from "../numbers/index.ts";
import type { JointScenarioSet } from "./joint.ts";
import { mapMoves } from "./joint-moves.ts";

/** How a history is rescaled to the current volatility. */
export interface ScenarioFilter {
  /** The EWMA weight of the past for each horizon, above 0 and below 1. */
  readonly lambda: number;
  readonly minimumRatio: number;
  readonly maximumRatio: number;
}

/**
 * Rescales the moves of all underlyings by filtered historical simulation (docs/sources.md, Volatility by exponential
 * weights). Each move is multiplied by its factor's current volatility over the volatility forecast before the move,
 * within bounds. All factors keep their dates, so that moves of one date stay joint. Moves of implied volatility are
 * factors of their own. Where windows overlap, a forecast uses only moves that were complete before its own window
 * began. Lambda is then spread over the steps of one horizon. The first forecast is the mean square of all moves.
 */
export function filterScenarios(set: JointScenarioSet, filter: ScenarioFilter): JointScenarioSet {
  if (set.stepHours === null) {
    throw new RangeError(`Scenario set ${set.setId} has no order in time (step_hours is null); it cannot be filtered`);
  }
  const lag = Math.max(1, Math.ceil(set.horizonHours / set.stepHours));
  const underlyings = mapMoves(set, (moves) => {
    const path = forecastVolatilities(moves, filter.lambda, lag);
    const before = moves.map((_, index) => path[Math.max(0, index - lag + 1)]!);
    return filterReturns(moves, before, path[moves.length]!, { ...filter, minimumVolatilityNow: 0 });
  });
  return { ...set, kind: "filtered", underlyings };
}

/**
 * Computes the volatility forecasts by exponential weights: entry t is made before move t. There is one more entry than
 * moves, and the last is the current volatility.
 */
export function forecastVolatilities(moves: readonly number[], lambda: number, lag: number): Float64Array {
  if (!(lambda > 0 && lambda < 1)) throw new RangeError(`EWMA lambda is ${lambda}; it must be above 0 and below 1`);
  return ewmaVariances(moves, pow(lambda, 1 / lag), meanSquare(moves)).map((variance) => Math.sqrt(variance));
}
