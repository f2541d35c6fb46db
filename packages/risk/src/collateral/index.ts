export * from "./asset-price.ts";
export {
  type AddedHaircuts,
  depegHaircut,
  depegShockOf,
  greatestHaircuts,
  type HaircutSchedule,
  movingShare,
  noAddedHaircuts,
  PAR,
  valueAfterHaircutUsd,
} from "./haircut.ts";
export { maximumRedemptionRate, type RateBounds, redemptionRateBounds } from "./redemption-rate.ts";
