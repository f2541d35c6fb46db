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
export { movedVolatility, volatilityMultiplier } from "./volatility-move.ts";
