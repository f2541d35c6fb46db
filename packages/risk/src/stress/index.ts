export { buildStressSet, type StressedMarket, stressedMarketOf } from "./build-stress-set.ts";
export { stressHistory } from "./history.ts";
export type { StressEvent, StressHistory, StressMove } from "./model.ts";
export { moveMarketJointly } from "./move-market.ts";
export { type StressLoss, type StressResult, stressAccount } from "./stress-account.ts";
