export { buildStressSet, type StressedSymbols, stressedSymbolsOf } from "./build-stress-set.ts";
export { stressHistory } from "./history.ts";
export type { StressEvent, StressHistory, StressMove } from "./model.ts";
export { moveMarketJointly } from "./move-market.ts";
export { type StressLoss, type StressResult, stressPool } from "./stress-pool.ts";
