export {
  type JointMoves,
  type JointScenarioKind,
  type JointScenarioSet,
  jointScenarioKinds,
  type ScenarioProxy,
} from "./joint.ts";
export {
  buildScenarioSet,
  createScenarioSet,
  SCENARIO_LIMIT,
  type Scenario,
  type ScenarioSet,
  type VolatilityState,
} from "./scenario-set.ts";
export { movedVolatility, type VolatilityMoveParameters, volatilityMultiplier } from "./volatility-move.ts";
