import type { UnderlyingState } from "../../model/index.ts";

/**
 * The greatest price, size or quantity that is accepted. Its inverse is the least price. Within these limits no product
 * overflows.
 */
export const MAGNITUDE_LIMIT = 1e18;

/** Returns whether an underlying is blocked by the oracle, or lacks a usable index price or confidence width. */
export function isBlocked(state: UnderlyingState): boolean {
  return state.quality === "blocked" || !isUsablePrice(state.indexPrice) || !(state.confidenceWidth >= 0);
}

/** Returns whether a price, size or strike lies between 1 / MAGNITUDE_LIMIT and MAGNITUDE_LIMIT. */
export function isUsablePrice(price: number): boolean {
  return price >= 1 / MAGNITUDE_LIMIT && price <= MAGNITUDE_LIMIT;
}
