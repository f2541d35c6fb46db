import type { ScenarioSet } from "../../scenarios/index.ts";

/** Losses of one unit behind its scan risk, for explanation. */
export interface UnitScenarioLosses {
  readonly underlying: string;
  readonly set: ScenarioSet;
  /** By scenario of the set: loss positive, pool currency, extended ones weighted and dampened. */
  readonly losses: Float64Array;
}
