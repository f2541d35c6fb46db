export { createMarginEngine, type MarginEngine } from "./engine.ts";
export type { NamedLoss, PartContribution, VarExplanation } from "./joint/explain-var.ts";
export { moveUnderlying } from "./move-underlying.ts";
export {
  type LeftOutOrder,
  ORDER_SEARCH_LIMIT,
  ORDER_SUBSET_LIMIT,
  type ProjectedMargin,
  type ProjectionSearch,
  projectionSearches,
} from "./open-orders.ts";
export type { OpenOrder } from "./order-sides.ts";
export type { UnitScenarioLosses } from "./scenario-losses.ts";
export type { MayGoOn, Stoppable, Stopped } from "./work.ts";
