export { createMarginEngine, type MarginEngine, type UnitScenarioLosses } from "./engine.ts";
export { moveUnderlying } from "./move-underlying.ts";
