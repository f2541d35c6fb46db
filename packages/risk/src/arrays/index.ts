export { daysToExpiry, writeFutureArray, writeRiskArray } from "./risk-array.ts";
export {
  accumulateLosses,
  type BookColumns,
  createRiskArrays,
  type RiskArrays,
  releaseRiskArrays,
  reserveRiskArray,
  scanBooks,
  type WorstLosses,
  worstIndex,
} from "./risk-arrays.ts";
export { createScratch } from "./scratch.ts";
