export {
  christoffersenIndependence,
  conditionalCoverageTest,
  countTransitions,
  type ExceptionTransitions,
  kupiecAcceptedExceptions,
  kupiecTest,
  type RatioTest,
  type TrafficLight,
  type TrafficLightZone,
  trafficLight,
} from "./coverage-tests.ts";
export { binomialDistribution, binomialProbability, chiSquareCritical, chiSquareTail } from "./distributions.ts";
export { measureProcyclicality, type Procyclicality } from "./procyclicality.ts";
export { type MarginCoverage, measureCoverage } from "./shortfall.ts";
