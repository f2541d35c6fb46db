export {
  type BybitComponentName,
  type BybitParameters,
  type BybitRequirement,
  bybitMajor,
  computeBybitRequirement,
  priceBybitScenarios,
} from "./bybit.ts";
export * from "./deribit.ts";
export * from "./okx.ts";
export * from "./paradex.ts";
export { scanOnly, tenorPowers } from "./volatility-scan.ts";
