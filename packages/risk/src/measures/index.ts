export {
  type BookPart,
  type Contribution,
  type Contributions,
  findTailScenarios,
  measureContributions,
  sumOver,
  type TailScenarios,
} from "./contributions.ts";
export {
  type CovarianceFactor,
  factorCovariance,
  type RepairedCorrelations,
  repairCorrelations,
} from "./correlation.ts";
export {
  type CornishFisher,
  cornishFisher,
  cornishFisherContributions,
  type DeltaGamma,
  deltaGammaMoments,
  type ProfitMoments,
} from "./delta-gamma.ts";
export {
  effectiveObservations,
  ewmaVariances,
  type FilterBounds,
  filterReturns,
  meanSquare,
  unboundedFilter,
} from "./ewma.ts";
export { type Decomposition, decomposeSymmetric, type Matrix } from "./matrix.ts";
export {
  covarianceOf,
  type DeltaNormal,
  deltaNormal,
  type LogNormalFactors,
  logNormalFactors,
  normalTail,
  type TailFigures,
} from "./normal-tail.ts";
export { selectGreatest } from "./select.ts";
export { standardErrorOf } from "./standard-error.ts";
export { checkDegrees, drawChiSquare, studentDensity, studentQuantile, studentTailFigures } from "./student.ts";
export {
  checkLevel,
  checkWeights,
  countBeyond,
  interpolatedQuantile,
  measureTail,
  measureWeightedTail,
  scenariosNeeded,
  type Tail,
  type TailMeasure,
} from "./tail.ts";
