export {
  type JointMoves,
  type JointScenarioKind,
  type JointScenarioSet,
  jointScenarioKinds,
  type ScenarioProxy,
} from "./joint.ts";
export { covarianceNow, type DrawnScenarios, type DrawParameters, drawScenarios } from "./joint-draws.ts";
export { filterScenarios, type ScenarioFilter } from "./joint-filter.ts";
export {
  buildJointHistory,
  type HistoryNote,
  type HistoryQuestion,
  type JointHistory,
  lastMoveMs,
  type TimeSeries,
  volatilityByRule,
} from "./joint-history.ts";
export { findMoves, newestScenarios, scaleHorizon } from "./joint-moves.ts";
export { sampleHistory, sampleHistoryId } from "./sample-history.ts";
export {
  buildScenarioSet,
  createScenarioSet,
  SCENARIO_LIMIT,
  type Scenario,
  type ScenarioSet,
  scenarioSetOf,
  type VolatilityState,
} from "./scenario-set.ts";
export { movedVolatility, volatilityMultiplier } from "./volatility-move.ts";
