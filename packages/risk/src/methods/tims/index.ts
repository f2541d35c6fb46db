export { type TimsParameters, timsParameters } from "./parameters.ts";
export {
  computeTimsProductGroup,
  computeTimsRequirement,
  type TimsClassGroup,
  type TimsGroupResult,
  type TimsPortfolioGroup,
  type TimsProductGroup,
  type TimsResult,
} from "./requirement.ts";
export { buildTimsPoints, computeTimsPnl, type TimsValuation, timsMinimumCharge } from "./valuation-points.ts";
