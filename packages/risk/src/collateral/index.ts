export * from "./asset-price.ts";
export { depegHaircut, depegShockOf, PAR } from "./depeg.ts";
export {
  type AddedHaircuts,
  greatestHaircuts,
  type HaircutSchedule,
  movingShare,
  noAddedHaircuts,
  valueAfterHaircutUsd,
} from "./haircut.ts";
export { findQuoteFault } from "./quote-currency.ts";
export { maximumRedemptionRate, type RateBounds, redemptionRateBounds } from "./redemption-rate.ts";
