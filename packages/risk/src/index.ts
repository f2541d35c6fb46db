export * from "./arrays/index.ts";
export * from "./backtest/coverage-tests.ts";
export * from "./backtest/distributions.ts";
export * from "./backtest/procyclicality.ts";
export * from "./borrowing/interest.ts";
export * from "./collateral/index.ts";
export * from "./dynamics/activation-limits.ts";
export * from "./dynamics/bars.ts";
export * from "./dynamics/default-policy.ts";
export * from "./dynamics/estimators.ts";
export * from "./dynamics/follow-number.ts";
export type * from "./dynamics/policy.ts";
export * from "./dynamics/propose.ts";
export * from "./dynamics/reference-portfolios.ts";
export * from "./dynamics/responsiveness.ts";
export {
  type DailyImplied,
  findImpliedVolatility,
  type ProposalInputs,
  type UnderlyingHistory,
  viewPrices,
} from "./dynamics/views.ts";
export * from "./engine/index.ts";
export * from "./explain/attribute-change.ts";
export { closeShare } from "./explain/close-position.ts";
export { contributionsOf, type HoldingContribution, type HoldingContributions } from "./explain/contributions.ts";
export * from "./explain/cures.ts";
export * from "./liquidation/derive-auction.ts";
export * from "./measures/index.ts";
export * from "./methods/index.ts";
export * from "./model/index.ts";
export * from "./names/instrument-names.ts";
export * from "./names/nearest.ts";
export * from "./numbers/index.ts";
export * from "./parameters/default.ts";
export * from "./perpetuals/index.ts";
export * from "./pool-tokens/fair-price.ts";
export * from "./pricing/index.ts";
export * from "./scenarios/index.ts";
export * from "./settlement/index.ts";
export * from "./severity/index.ts";
export * from "./stress/build-stress-set.ts";
export * from "./stress/history.ts";
export * from "./stress/move-market.ts";
export * from "./stress/stress-pool.ts";
export * from "./volatility/index.ts";
