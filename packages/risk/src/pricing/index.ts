export { black76IntoScenarios, black76Price, type OptionSign, totalVolatilityOf } from "./black76.ts";
export { black76Greeks, type OptionGreeks, vegaPerPoint } from "./greeks.ts";
export { type ImpliedVolatility, impliedVolatility } from "./implied-volatility.ts";
export {
  type InverseOptionGreeks,
  inverseOptionGreeks,
  inverseOptionPrice,
} from "./inverse.ts";
export { intrinsicValue, inversePnl, linearPnl, payoff, settledMark } from "./payoff.ts";
