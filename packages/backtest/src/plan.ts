import type { MethodId, ParameterSet } from "@plimsoll/risk";
import type { SurfaceModel } from "./surface.ts";

/** One margin method with one parameter set, as it is compared with others. */
export interface Contender {
  /** The method's id; with a grid search, and what was varied. */
  readonly name: string;
  readonly methodId: MethodId;
  readonly parameters: ParameterSet;
}

/** What a replay does, apart from the prices and the portfolios: plain data that a worker thread can be given. */
export interface ReplayPlan {
  /** Grid points of the history: the first, the one after the last, and from one step to the next. */
  readonly fromAt: number;
  readonly toAt: number;
  readonly pointsPerStep: number;
  /** Steps over which a loss is measured against the margin at its start. */
  readonly horizonSteps: number;
  readonly stepMs: number;
  /** Coverage that is asked of initial margin, 0.99. */
  readonly level: number;
  readonly surface: SurfaceModel;
  readonly contenders: readonly Contender[];
}

/** Steps of a plan. */
export function stepCount({ fromAt, toAt, pointsPerStep }: ReplayPlan): number {
  return Math.max(0, Math.ceil((toAt - fromAt) / pointsPerStep));
}
