import type { UnderlyingState } from "../../model/index.ts";

/** Prices, sizes and quantities beyond this, or prices below its inverse, are refused: no product of them overflows. */
export const MAGNITUDE_LIMIT = 1e18;

/** Blocked by the oracle, or without a price that could be used. */
export function isBlocked(state: UnderlyingState): boolean {
  return state.quality === "blocked" || !isUsablePrice(state.indexPrice) || !(state.confidenceWidth >= 0);
}

/** Whether a price, a size or a strike lies within the limit, and above nothing. */
export function isUsablePrice(price: number): boolean {
  return price >= 1 / MAGNITUDE_LIMIT && price <= MAGNITUDE_LIMIT;
}
