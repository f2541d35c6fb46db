export { blendInWindows, blendSettlement } from "./blend.ts";
export { settlementMoves } from "./moves.ts";
export {
  lacksSettlementAverage,
  movedShare,
  settlementMultiplier,
  settlementWindowMs,
  varianceYears,
  windowShare,
} from "./window.ts";
