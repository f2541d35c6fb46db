export { settlementMoves } from "./moves.ts";
export {
  blendSettlement,
  lacksSettlementAverage,
  movedShare,
  settlementMultiplier,
  varianceYears,
  windowShare,
} from "./window.ts";
