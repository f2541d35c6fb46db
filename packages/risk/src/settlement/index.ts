export { blendInWindows, blendSettlement } from "./blend.ts";
export { settlementMoves } from "./moves.ts";
export { lacksSettlementAverage, movedShare, settlementMultiplier, varianceYears, windowShare } from "./window.ts";
