export { exp, log, logRatio, pow } from "./exponential.ts";
export { INVERSE_SQRT_TWO_PI, normalDensity, normalDistribution, normalQuantile, normalTailRatio } from "./normal.ts";
