export { blendInWindows, blendSettlement, marksByInstrument } from "./blend.ts";
export {
  lacksSettlementAverage,
  movedShare,
  settlementMoves,
  settlementMultiplier,
  settlementWindowMs,
  varianceYears,
  windowShare,
} from "./window.ts";
