export { DAYS_PER_YEAR, daysToExpiry, MS_PER_DAY, writeRiskArray } from "./risk-array.ts";
export {
  accumulateLosses,
  type BookColumns,
  createRiskArrays,
  type RiskArrays,
  reserveRiskArray,
  scanBooks,
  type WorstLosses,
  worstIndex,
} from "./risk-arrays.ts";
export { createScratch } from "./scratch.ts";
