export { createMarginEngine, type MarginEngine, type UnitScenarioLosses } from "./engine.ts";
export { moveUnderlying } from "./move-underlying.ts";
export { ORDER_INSTRUMENT_LIMIT, type ProjectedMargin } from "./open-orders.ts";
export type { OpenOrder } from "./order-sides.ts";
