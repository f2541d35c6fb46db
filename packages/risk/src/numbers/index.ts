export { canonicalJson } from "./canonical-json.ts";
export { exp, log, logRatio, pow } from "./exponential.ts";
export { normalDensity, normalDistribution, normalQuantile, normalTailRatio } from "./normal.ts";
export { createRandom, type Random } from "./random.ts";
export { sha256Hex } from "./sha-256.ts";
export {
  DAYS_PER_YEAR,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  MS_PER_YEAR,
  SECONDS_PER_DAY,
  SECONDS_PER_HOUR,
} from "./time.ts";
