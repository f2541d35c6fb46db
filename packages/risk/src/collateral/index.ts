export * from "./asset-price.ts";
export { depegHaircut, PAR } from "./depeg.ts";
export { type AddedHaircuts, noAddedHaircuts, valueAfterHaircutUsd } from "./haircut.ts";
export { maximumRedemptionRate, type RateBounds, redemptionRateBounds } from "./redemption-rate.ts";
