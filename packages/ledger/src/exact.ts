import { Decimal } from "decimal.js";

/** Decimal arithmetic with 120 digits, so that quotients are exact far beyond the decimals that the ledger keeps. */
export const Exact = Decimal.clone({ precision: 120 });

/** Decimals that the ledger keeps of amounts and of prices. Its wire contracts allow as many. */
const decimals = 18;
const priceDecimals = 36;

/** The bound below which the ledger's contracts allow a number: 30 digits before the point. */
const largest = new Exact(10).pow(30);

/** Thrown if a result has more digits than the ledger's contracts allow. */
export class LedgerRangeError extends Error {
  override readonly name = "LedgerRangeError";
}

/** Formats with at most 18 decimals, rounded up or down, without trailing zeros and without a negative zero. */
export function ledgerText(value: Decimal, rounding: "up" | "down"): string {
  return roundedText(value, decimals, rounding);
}

/**
 * Formats a price like `ledgerText`, but with at least 18 significant digits and at most 36 decimals, since a coin can
 * cost a tiny part of a dollar.
 */
export function ledgerPriceText(value: Decimal, rounding: "up" | "down"): string {
  return roundedText(value, Math.min(priceDecimals, Math.max(decimals, decimals - 1 - value.e)), rounding);
}

function roundedText(value: Decimal, places: number, rounding: "up" | "down"): string {
  const direction = rounding === "up" ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR;
  const rounded = value.toDecimalPlaces(places, direction);
  if (!rounded.abs().lessThan(largest)) throw new LedgerRangeError(`${rounded.toFixed()} has more than 30 digits`);
  return rounded.isZero() ? "0" : rounded.toFixed();
}
