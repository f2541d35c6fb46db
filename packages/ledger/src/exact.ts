import { Decimal } from "decimal.js";

/** Digits carried in quotients before they are rounded to the ledger's decimals. */
export const Exact = Decimal.clone({ precision: 120 });

/** Decimals the ledger keeps of amounts and of prices, as many as its contracts allow. */
const decimals = 18;
const priceDecimals = 36;

/** Most digits before the point that the ledger's contracts allow. */
const largest = new Exact(10).pow(30);

/** A result no contract of the ledger can hold. */
export class LedgerRangeError extends Error {
  override readonly name = "LedgerRangeError";
}

/** Decimal text with at most 18 decimals, rounded as said, without trailing zeros or a negative zero. */
export function ledgerText(value: Decimal, rounding: "up" | "down"): string {
  return roundedText(value, decimals, rounding);
}

/** A price as `ledgerText`, but in at least 18 digits: a coin of which there are trillions costs next to nothing. */
export function ledgerPriceText(value: Decimal, rounding: "up" | "down"): string {
  return roundedText(value, Math.min(priceDecimals, Math.max(decimals, decimals - 1 - value.e)), rounding);
}

function roundedText(value: Decimal, places: number, rounding: "up" | "down"): string {
  const direction = rounding === "up" ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR;
  const rounded = value.toDecimalPlaces(places, direction);
  if (!rounded.abs().lessThan(largest)) throw new LedgerRangeError(`${rounded.toFixed()} has more than 30 digits`);
  return rounded.isZero() ? "0" : rounded.toFixed();
}
