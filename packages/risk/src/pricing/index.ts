export { black76IntoScenarios, black76Price, type OptionSign, totalVolatilityOf } from "./black76.ts";
export { black76Greeks, type OptionGreeks, vegaPerPoint } from "./greeks.ts";
export { type ImpliedVolatility, impliedVolatility } from "./implied-volatility.ts";
export {
  type InverseOptionGreeks,
  inverseDelta,
  inverseGamma,
  inverseOptionGreeks,
  inverseOptionPrice,
  inversePnl,
} from "./inverse.ts";
export { forwardValue, intrinsicValue, linearPnl, payoff, settledMark } from "./payoff.ts";
