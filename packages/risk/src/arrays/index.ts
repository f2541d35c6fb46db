export { accumulateLosses, worstIndex } from "./accumulate.ts";
export {
  createRiskArrays,
  DAYS_PER_YEAR,
  daysToExpiry,
  MS_PER_DAY,
  type RiskArrays,
  reserveRiskArray,
  writeRiskArray,
} from "./risk-array.ts";
export { createScratch } from "./scratch.ts";
