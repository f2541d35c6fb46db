export { createMarginEngine, type MarginEngine } from "./engine.ts";
export type { NamedLoss, PartContribution, VarExplanation } from "./joint/explain-var.ts";
export { ageMarket, moveUnderlying, settleExpired } from "./market/move-underlying.ts";
export type { UnitScenarioLosses } from "./measure/evaluate.ts";
export {
  type LeftOutOrder,
  ORDER_SEARCH_LIMIT,
  ORDER_SUBSET_LIMIT,
  type ProjectedMargin,
  type ProjectionSearch,
  projectionSearches,
} from "./orders/open-orders.ts";
export { type OpenOrder, onlyReduces } from "./orders/order-sides.ts";
export { asLongAsItTakes, type MayGoOn, type Stoppable, type Stopped } from "./work.ts";
