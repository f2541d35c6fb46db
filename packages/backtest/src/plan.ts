import type { MethodId, ParameterSet } from "@plimsoll/risk";
import type { SurfaceModel } from "./surface.ts";

/** One margin method with one parameter set, to be compared with others. */
export interface Contender {
  /** The id of the method. In a search, it also says what was varied. */
  readonly name: string;
  readonly methodId: MethodId;
  readonly parameters: ParameterSet;
}

/**
 * The settings of a replay, apart from the prices and the portfolios. They are plain data that can be given to a worker
 * thread.
 */
export interface ReplayPlan {
  /**
   * The first grid point of the history, the one after the last, and the number of points from one step to the next.
   */
  readonly fromAt: number;
  readonly toAt: number;
  readonly pointsPerStep: number;
  /** The number of steps over which a loss is measured against the margin at its start. */
  readonly horizonSteps: number;
  readonly stepMs: number;
  /** The coverage that is asked of initial margin, such as 0.99. */
  readonly level: number;
  readonly surface: SurfaceModel;
  readonly contenders: readonly Contender[];
}

/** Returns the number of steps of a plan. */
export function stepCount({ fromAt, toAt, pointsPerStep }: ReplayPlan): number {
  return Math.max(0, Math.ceil((toAt - fromAt) / pointsPerStep));
}
