export {
  deribitFutureRates,
  type FutureMargin,
  futureMargin,
  type StandardFutureParameters,
} from "./future-margin.ts";
export {
  bybitStandardOptions,
  deribitStandardOptions,
  type InitialAndMaintenance,
  type ShortOption,
  type StandardOptionParameters,
  shortOptionMargin,
} from "./option-margin.ts";
export {
  computeStandardRequirement,
  type StandardComponentName,
  type StandardParameters,
  type StandardRequirement,
} from "./requirement.ts";
