export {
  type BybitComponentName,
  type BybitRequirement,
  bybitMajor,
  computeBybitRequirement,
  priceBybitScenarios,
} from "./bybit.ts";
export * from "./deribit.ts";
export * from "./okx.ts";
export * from "./okx-parameters.ts";
export * from "./paradex.ts";
export * from "./stablecoins.ts";
export { scanOnly } from "./volatility-scan.ts";
