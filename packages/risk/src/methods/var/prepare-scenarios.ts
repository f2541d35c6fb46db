import { scenariosNeeded } from "../../measures/tail.ts";
import type { MarginNote, ParameterSet } from "../../model/index.ts";
import {
  drawScenarios,
  filterScenarios,
  type JointScenarioSet,
  lastMoveMs,
  newestScenarios,
  sampleHistory,
  sampleHistoryId,
  scaleHorizon,
} from "../../scenarios/index.ts";
import { DELTA_GAMMA_FACTOR_LIMIT } from "./bumps.ts";
import type { VarMethodParameters } from "./parameters.ts";

/** Why a market has no joint scenarios, or why a pool cannot be revalued in them. */
export interface JointFault {
  /** The one underlying that has no moves. It is absent if no holding can be revalued. */
  readonly underlying?: string;
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
}

/**
 * Returns the parameters from which the joint scenarios of a set are built, whatever the method of the pool that they
 * are applied to.
 */
export function jointParametersOf({ methods }: ParameterSet): VarMethodParameters {
  return methods.var;
}

/**
 * Returns the fault that the stress scenarios are neither among the sets of the parameters nor those that ship under
 * `shippedId`.
 */
export function unknownStressSet(setId: string, shippedId: string): JointFault {
  const remedy = `add the set to scenario_sets, name ${shippedId}, or give null for no stress`;
  return { field: "methods.var.stress_set_id", value: `${setId}: no such scenario set`, remedy };
}

/** Returns the fault that the scenarios of the tail have no moves of an underlying, and no proxy stands in for it. */
export function unmovedUnderlying(setId: string, underlying: string): JointFault {
  const remedy = `add its moves to the scenario set, or a proxy for it to methods.var.proxies`;
  return { underlying, field: "methods.var.history_set_id", value: `${setId}: no moves of ${underlying}`, remedy };
}

/** The scenarios that a parameter set gives the method `var`, or why there are none. */
export type VarScenarios =
  | {
      readonly status: "ready";
      /** The scenarios in which a book is revalued: the history as it was, filtered, or drawn from. */
      readonly tail: JointScenarioSet;
      /**
       * The history before it was filtered or drawn from, with the newest scenarios only and scaled to the horizon of
       * the method.
       */
      readonly history: JointScenarioSet;
      /**
       * When the last move of the history was complete, in milliseconds since 1970. It is null if the scenarios have no
       * dates.
       */
      readonly endsMs: number | null;
      readonly notes: readonly MarginNote[];
    }
  | { readonly status: "refused"; readonly field: string; readonly value: string; readonly remedy: string };

const prepared = new WeakMap<ParameterSet, VarScenarios>();

/**
 * Returns the scenarios of a parameter set. They are built once, because every pool and every snapshot use the same
 * ones.
 */
export function findVarScenarios(parameters: ParameterSet): VarScenarios {
  const known = prepared.get(parameters);
  if (known !== undefined) return known;
  const built = buildVarScenarios(parameters);
  prepared.set(parameters, built);
  return built;
}

/** Returns the stored set of this name, or the history that ships under it. Returns null if there is neither. */
export function findHistory({ scenarioSets }: ParameterSet, setId: string): JointScenarioSet | null {
  const stored = scenarioSets.find((set) => set.setId === setId);
  return stored ?? (setId === sampleHistoryId ? sampleHistory() : null);
}

function buildVarScenarios(parameters: ParameterSet): VarScenarios {
  const own = jointParametersOf(parameters);
  const { level, horizonHours, windowScenarios, simulation, historySetId } = own;
  const stored = findHistory(parameters, historySetId);
  const field = "methods.var.history_set_id";
  if (stored === null) {
    const remedy = `add the set to scenario_sets, or name ${sampleHistoryId}`;
    return { status: "refused", field, value: `${historySetId}: no such scenario set`, remedy };
  }
  const history = scaleHorizon(newestScenarios(stored, windowScenarios), horizonHours);
  const needed = scenariosNeeded(level, own.minimumBeyond);
  const count = history.scenarioIds.length;
  const endsMs = lastMoveMs(history);
  if (simulation !== "monte_carlo" && count < needed) {
    const value = `${historySetId}: ${count} scenarios, and level ${level} needs ${needed}`;
    const remedy = "give a longer history or window, a lower level, or simulation monte_carlo";
    return { status: "refused", field, value, remedy };
  }
  if (simulation === "filtered") {
    if (history.stepHours === null) {
      const remedy = "give it its step_hours, or simulation historical";
      return { status: "refused", field, value: `${historySetId}: it has no order in time to filter by`, remedy };
    }
    return { status: "ready", tail: filterScenarios(history, own.filter), history, endsMs, notes: [] };
  }
  const factors = history.underlyings.reduce(
    (sum, { volatilityLogMoves }) => sum + (volatilityLogMoves === null ? 1 : 2),
    0,
  );
  if (simulation === "delta_gamma" && factors > DELTA_GAMMA_FACTOR_LIMIT) {
    const remedy = `name at most ${DELTA_GAMMA_FACTOR_LIMIT} prices and volatilities in the history, or use another simulation`;
    return { status: "refused", field, value: `${historySetId}: ${factors} factors`, remedy };
  }
  if (simulation !== "monte_carlo") return { status: "ready", tail: history, history, endsMs, notes: [] };
  return drawn(history, own, needed);
}

function drawn(history: JointScenarioSet, own: VarMethodParameters, needed: number): VarScenarios {
  const { scenarioCount } = own.monteCarlo;
  if (scenarioCount < needed) {
    const field = "methods.var.monte_carlo.scenario_count";
    const remedy = `draw at least ${needed + (needed % 2)}, or lower the level`;
    return { status: "refused", field, value: `${scenarioCount}: level ${own.level} needs ${needed}`, remedy };
  }
  const draws = drawScenarios(history, { ...own.monteCarlo, ...own.filter });
  if (draws.status === "refused") {
    const field = "methods.var.monte_carlo.correlations";
    const remedy = "correct the correlations, or set impossible_correlations to repair";
    return { status: "refused", field, value: draws.reason, remedy };
  }
  const text = `impossible correlations were repaired, one of them by ${Number(draws.repairedBy.toPrecision(3))}`;
  const notes: MarginNote[] = draws.repairedBy > 0 ? [{ code: "correlations_repaired", text }] : [];
  return { status: "ready", tail: draws.set, history, endsMs: lastMoveMs(history), notes };
}
