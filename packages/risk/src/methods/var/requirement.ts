import { findTailScenarios, standardErrorOf, sumOver, type TailScenarios } from "../../measures/index.ts";
import type { Matrix } from "../../measures/matrix.ts";
import type { MarginNote } from "../../model/index.ts";
import { approximate } from "./bumps.ts";
import type { VarMethodParameters } from "./parameters.ts";

/** The loss of a part of a book in each joint scenario, in pool currency. A loss is positive. */
export interface JointPart {
  /** The underlying of the positions. For a balance it is the coin that the balance moves with, or the asset itself. */
  readonly underlying: string;
  readonly losses: Float64Array;
}

/** The joint scenarios whose losses are measured. Those of the tail come first, then the stresses, then the bumps. */
export interface JointScenarios {
  readonly scenarioCount: number;
  readonly tailCount: number;
  readonly stressCount: number;
  /** The steps of the factors of a delta-gamma approximation. Null means that none is asked for. */
  readonly bumpSteps: readonly number[] | null;
  /** The probabilities of the tail scenarios. Null means that all are equally likely. */
  readonly weights: readonly number[] | null;
  readonly parameters: VarMethodParameters;
  readonly notes: readonly MarginNote[];
  /** The covariance of the factors of the history. It is empty if no delta-gamma approximation is asked for. */
  readonly covariance: Matrix;
}

/** What the joint scenarios require of a book, in pool currency. */
export interface VarRequirement {
  /** The figure of the tail, at least 0. */
  readonly tailRequirement: number;
  /** What the required share of the worst stress loss adds to it, at least 0. */
  readonly stressExcess: number;
  /**
   * What each part adds to the two amounts above, parallel to the parts. The sums equal these but for rounding, and the
   * entry of a hedge is negative.
   */
  readonly tailContributions: readonly number[];
  readonly stressContributions: readonly number[];
  /** The scenarios that make up the figure of the tail. There are none under a valid delta-gamma approximation. */
  readonly tail: TailScenarios;
  /**
   * The index of the worst scenario. It is a stress if the stress requires more than the tail, else the worst of the
   * tail. It is -1 if no scenario loses.
   */
  readonly worstScenario: number;
  readonly notes: readonly MarginNote[];
}

/** Measures the tail of a book and its worst stress, with what each part adds to them. */
export function measureVar(parts: readonly JointPart[], joint: JointScenarios): VarRequirement {
  const { tailCount, stressCount, scenarioCount, parameters } = joint;
  const losses = addUp(parts, scenarioCount);
  const tail = measureTailOf(parts, losses, joint);
  const tailRequirement = Math.max(0, tail.figure);
  const tailContributions = parts.map((_, index) => (tail.figure > 0 ? tail.contributions[index]! : 0));
  let worstStress = -1;
  for (let s = tailCount; s < tailCount + stressCount; s += 1) {
    if (worstStress < 0 || losses[s]! > losses[worstStress]!) worstStress = s;
  }
  const { stressShare } = parameters;
  const required = worstStress < 0 ? 0 : stressShare * losses[worstStress]!;
  const stressExcess = Math.max(0, required - tailRequirement);
  const stressContributions = parts.map((part, index) =>
    stressExcess > 0 ? stressShare * part.losses[worstStress]! - tailContributions[index]! : 0,
  );
  const worst = stressExcess > 0 ? worstStress : worstOf(losses, tailCount);
  return {
    tailRequirement,
    stressExcess,
    tailContributions,
    stressContributions,
    tail: tail.scenarios,
    worstScenario: worst >= 0 && losses[worst]! > 0 ? worst : -1,
    notes: [...joint.notes, ...tail.notes],
  };
}

interface TailMeasured {
  readonly figure: number;
  readonly contributions: readonly number[];
  readonly scenarios: TailScenarios;
  readonly notes: readonly MarginNote[];
}

function measureTailOf(parts: readonly JointPart[], losses: Float64Array, joint: JointScenarios): TailMeasured {
  const { tailCount, stressCount, bumpSteps, covariance, weights } = joint;
  const { measure, level, simulation } = joint.parameters;
  const notes: MarginNote[] = [];
  if (bumpSteps !== null) {
    const approximation = approximate(parts, tailCount + stressCount, bumpSteps, covariance, level, measure);
    if (approximation.status === "valid") {
      return { ...approximation, scenarios: { indexes: [], weights: [] }, notes };
    }
    const text = `historical simulation took the place of delta-gamma: ${approximation.reason}`;
    notes.push({ code: "approximation_refused", text });
  }
  const inTail = losses.subarray(0, tailCount);
  const scenarios = findTailScenarios(inTail, level, measure, weights);
  const figure = sumOver(scenarios, inTail);
  if (simulation === "monte_carlo") {
    const error = standardErrorOf(inTail, level, measure);
    const text = `${tailCount} draws: standard error ${Number(error.toPrecision(3))} of ${Number(figure.toPrecision(6))}`;
    notes.push({ code: "standard_error", text });
  }
  const contributions = parts.map((part) => sumOver(scenarios, part.losses));
  return { figure, contributions, scenarios, notes };
}

function worstOf(losses: Float64Array, count: number): number {
  let worst = 0;
  for (let s = 1; s < count; s += 1) if (losses[s]! > losses[worst]!) worst = s;
  return count === 0 ? -1 : worst;
}

/**
 * Returns the losses of the whole book, one per joint scenario. If there is one part, it is the array of that part and
 * not a copy.
 */
export function addUp(parts: readonly JointPart[], scenarioCount: number): Float64Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.losses;
  const losses = new Float64Array(scenarioCount);
  for (const part of parts) for (let s = 0; s < scenarioCount; s += 1) losses[s] = losses[s]! + part.losses[s]!;
  return losses;
}
