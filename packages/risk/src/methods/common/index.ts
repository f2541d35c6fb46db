export {
  computeHoldingLosses,
  deltasByExpiry,
  type Holding,
  hedgedDelta,
  holdingDelta,
  type NamedAmount,
  type NamedScenario,
  netShortOptions,
  noRevaluation,
  type Revaluation,
  revaluedOption,
  type ValuedIn,
} from "./holding.ts";
