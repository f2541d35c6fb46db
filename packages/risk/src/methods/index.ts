export {
  type AccountRatio,
  adjustedEquity,
  bracketedMaintenance,
  computeAccountRatio,
  type RatioAsset,
} from "./account-ratio/account-ratio.ts";
export type * from "./account-ratio/parameters.ts";
export { binanceAccountRatio, loanMaintenanceRates } from "./account-ratio/shipped.ts";
export type { BoundsOf, ObjectBounds, ParameterRules, Refusal } from "./bounds.ts";
export {
  cashPool,
  computeHoldingLosses,
  computePoolViewLosses,
  deltasByExpiry,
  type HeldInstrument,
  hedgedDelta,
  holdingDelta,
  type NamedAmount,
  type NamedScenario,
  netHoldings,
  netShortOptions,
  noRevaluation,
  type PoolView,
  type PricedScenarios,
  prepareHoldings,
  priceScenarios,
  type Revaluation,
  revaluedOption,
  type ValuedIn,
} from "./common/holding.ts";
export * from "./common/max-loss.ts";
export { scanOnly } from "./common/presets.ts";
export { scanBounds } from "./common/scan-bounds.ts";
export * from "./common/stablecoins.ts";
export { buildDeriveGrid, type DeriveGrid } from "./derive/grid.ts";
export type * from "./derive/holdings.ts";
export type * from "./derive/parameters.ts";
export { computePmrm1, type Pmrm1Portfolio } from "./derive/pmrm-1.ts";
export * from "./derive/pmrm-2.ts";
export * from "./derive/shipped.ts";
export * from "./derive/srm.ts";
export { type SettlementForward, settlementForward } from "./derive/time.ts";
export { type DeriveUnitValues, deriveUnitValues, type ExpiryTerms } from "./derive/unit-values.ts";
export type {
  Debt,
  MarginMethod,
  MethodInstrument,
  MethodMeasure,
  MethodRegistration,
  MethodUnit,
  PoolCharge,
  PoolRule,
} from "./margin-method.ts";
export { isMeasuredJointly, plainMethod, readsHoldings, supports, supportsAll } from "./margin-method.ts";
export type { MethodId, MethodKey, MethodParameters, ParametersById } from "./method-parameters.ts";
export {
  baselineMethodId,
  defaultMethodId,
  defaultMethodParameters,
  methodIds,
  methodIdsInSets,
  methodKeyOf,
  parameterRules,
} from "./parameter-rules.ts";
export type * from "./portfolio/parameters.ts";
export type * from "./portfolio-bybit/parameters.ts";
export {
  type BybitComponentName,
  type BybitRequirement,
  computeBybitRequirement,
  priceBybitScenarios,
} from "./portfolio-bybit/requirement.ts";
export { bybitMajor } from "./portfolio-bybit/shipped.ts";
export type * from "./portfolio-deribit/parameters.ts";
export * from "./portfolio-deribit/requirement.ts";
export { deribitPmeBtc, deribitPmeEth } from "./portfolio-deribit/shipped.ts";
export type * from "./portfolio-okx/parameters.ts";
export * from "./portfolio-okx/requirement.ts";
export * from "./portfolio-okx/shipped.ts";
export type * from "./portfolio-paradex/parameters.ts";
export * from "./portfolio-paradex/requirement.ts";
export { paradexParameters } from "./portfolio-paradex/shipped.ts";
export {
  type BuiltMethod,
  getMarginMethod,
  type MethodRegistry,
  methodRegistry,
  methodVersion,
} from "./registry.ts";
export type * from "./size/parameters.ts";
export { sized } from "./size/parameters.ts";
export {
  addSizeCharges,
  incrementalRate,
  openInterestRate,
  type SizeExposure,
} from "./size/size-charges.ts";
export { checkSpanCommodity, checkSpanInterSpread, checkSpanParameters } from "./span/check-parameters.ts";
export {
  combineSpanRisk,
  type SpanRequirement,
  type SpanRiskParts,
  shortOptionMinimum,
  spanDeliveryCharge,
} from "./span/combined-risk.ts";
export {
  buildSpanGrid,
  numberSpanScenarios,
  type SpanDeltaPoint,
  type SpanGrid,
  type SpanScenario,
  type SpanScenarioMove,
  spanDeltaPoints,
} from "./span/grid.ts";
export { buildSpanBook, type SpanBook, spreadsOf } from "./span/holdings-book.ts";
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
} from "./span/model.ts";
export type * from "./span/parameters.ts";
export {
  computeSpanRequirement,
  convertSpanTotals,
  type SpanCommodityResult,
  type SpanCurrencyTotal,
  type SpanResult,
} from "./span/requirement.ts";
export { buildSpanContract, futureSpanLosses, periodOf, type SpanScanRange } from "./span/risk-array.ts";
export {
  combineScannedLosses,
  computeSpanScan,
  type SpanScan,
  sumSpanLosses,
  weightedPriceRisk,
} from "./span/scan-risk.ts";
export { defaultSpanParameters } from "./span/shipped.ts";
export { createDeltaLedger, type DeltaLedger, formSpreads, type SpreadFormationLeg } from "./span/spread-formation.ts";
export { type FutureMargin, futureMargin } from "./standard/future-margin.ts";
export {
  type InitialAndMaintenance,
  type ShortOption,
  shortOptionMargin,
} from "./standard/option-margin.ts";
export type * from "./standard/parameters.ts";
export {
  computeStandardRequirement,
  type StandardComponentName,
  type StandardRequirement,
} from "./standard/requirement.ts";
export { bybitStandardOptions, deribitFutureRates, deribitStandardOptions } from "./standard/shipped.ts";
export type * from "./static/parameters.ts";
export type * from "./tims/parameters.ts";
export {
  computeTimsProductGroup,
  computeTimsRequirement,
  type TimsClassGroup,
  type TimsGroupResult,
  type TimsPortfolioGroup,
  type TimsProductGroup,
  type TimsResult,
} from "./tims/requirement.ts";
export { type TimsParameters, timsParameters } from "./tims/shipped.ts";
export { buildTimsPoints, computeTimsPnl, type TimsValuation, timsMinimumCharge } from "./tims/valuation-points.ts";
export type { MeasuredUnit, ScanExposure, UnitExposure, UnitMeasure, UnitNetting } from "./unit-measure.ts";
export type * from "./var/parameters.ts";
export { varSimulations } from "./var/parameters.ts";
