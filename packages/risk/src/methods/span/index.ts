export {
  combineSpanRisk,
  type SpanRequirement,
  type SpanRiskParts,
  shortOptionMinimum,
  spanDeliveryCharge,
} from "./combined-risk.ts";
export {
  buildSpanGrid,
  numberSpanScenarios,
  type SpanDeltaPoint,
  type SpanGrid,
  type SpanScenario,
  type SpanScenarioMove,
  spanDeltaPoints,
  spanGrid16,
} from "./grid.ts";
export { buildSpanBook, defaultSpanParameters, type SpanBook, spreadsOf } from "./holdings-book.ts";
export type {
  SpanCommodityParameters,
  SpanContract,
  SpanDeliveryRate,
  SpanInterSpread,
  SpanIntraSpread,
  SpanParameters,
  SpanPosition,
  SpanSpreadLeg,
  SpanTier,
} from "./model.ts";
export { checkSpanCommodity, checkSpanInterSpread, checkSpanParameters } from "./parameters.ts";
export {
  computeSpanRequirement,
  convertSpanTotals,
  type SpanCommodityResult,
  type SpanCurrencyTotal,
  type SpanResult,
} from "./requirement.ts";
export { buildSpanContract, futureSpanLosses, periodOf, type SpanScanRange } from "./risk-array.ts";
export { combineScannedLosses, computeSpanScan, type SpanScan, sumSpanLosses, weightedPriceRisk } from "./scan-risk.ts";
export { createDeltaLedger, type DeltaLedger, formSpreads, type SpreadFormationLeg } from "./spread-formation.ts";
