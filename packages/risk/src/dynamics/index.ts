export { type ActivationBound, type ActivationLimits, checkActivation } from "./activation-limits.ts";
export { withBuffer, withLongRunFloor, withStressedWeight } from "./anti-procyclicality.ts";
export { arrangeHistory, type DailyBar, dayNumber, type PriceHistory, type RefusedBar } from "./bars.ts";
export { defaultDynamicsPolicy } from "./default-policy.ts";
export { ewmaVolatility, garmanKlassVolatility, longRunVolatility, parkinsonVolatility } from "./estimators.ts";
export {
  followNumber,
  type MoveReason,
  type MoveStep,
  type NumberField,
  type NumberMove,
  type NumberNow,
  type VolatilityEstimate,
  type VolatilityView,
} from "./follow-number.ts";
export { findImpliedVolatility } from "./implied.ts";
export type { DynamicsPolicy, HaircutRule, NumberRule, UnderlyingRule, VolatilityProxy } from "./policy.ts";
export { findNumber, type ParameterProposal, proposeParameters } from "./propose.ts";
export { measureReferencePortfolios, type ReferenceRequirement } from "./reference-portfolios.ts";
export {
  defaultResponsivenessLimits,
  measureResponsiveness,
  type PortfolioResponsiveness,
  type ReferenceDay,
  type ResponsivenessBreach,
  type ResponsivenessCard,
  type ResponsivenessLimits,
} from "./responsiveness.ts";
export { type DailyImplied, type ProposalInputs, type UnderlyingHistory, viewPrices } from "./views.ts";
