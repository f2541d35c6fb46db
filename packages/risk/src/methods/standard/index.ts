export { deribitFutureRates, type FutureMargin, futureMargin } from "./future-margin.ts";
export {
  bybitStandardOptions,
  deribitStandardOptions,
  type InitialAndMaintenance,
  type ShortOption,
  shortOptionMargin,
} from "./option-margin.ts";
export { computeStandardRequirement, type StandardComponentName, type StandardRequirement } from "./requirement.ts";
