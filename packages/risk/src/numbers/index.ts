export { exp, log, logRatio, pow } from "./exponential.ts";
export { normalDensity, normalDistribution, normalQuantile, normalTailRatio } from "./normal.ts";
export { createRandom, type Random } from "./random.ts";
