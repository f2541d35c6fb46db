export {
  collectExpiryMarks,
  type ExpiryMarks,
  MAX_MARK_VOLATILITY,
  type RefusedMark,
  type VolatilityMark,
} from "./marks.ts";
export { type FallbackReason, sliceTotalVariance, type VolatilitySlice } from "./slice.ts";
export {
  buildVolatilitySurface,
  type CalendarArbitrage,
  forwardAt,
  type RefusedExpiry,
  type VolatilitySurface,
  volatilityAt,
} from "./surface.ts";
export { durrleman, isButterflyFree, type SviParameters, sviTotalVariance } from "./svi.ts";
