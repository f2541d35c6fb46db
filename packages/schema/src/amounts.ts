import { Decimal } from "decimal.js";
import { decimalPlaces, largestAmount, pricePlaces } from "./primitives.ts";

/** Decimal arithmetic wide enough to hold every double and every decimal of the contracts exactly. */
const Exact = Decimal.clone({ precision: 400, toExpNeg: -400, toExpPos: 400 });

/** Currencies whose amounts have 2 decimals. All others are coins, with 8 decimals. */
const hundredths = new Set(["USD", "USDC", "USDT", "EUR", "GBP"]);

const ratioDecimals = 6;

/** Thrown if the kernel returns a number that is not an amount, because an input was too large for it. */
export class AmountError extends Error {
  override readonly name = "AmountError";
  readonly value: number;
  constructor(value: number) {
    super(`${value} is no amount of money: it must be finite and below ${largestAmount}`);
    this.value = value;
  }
}

/** Returns the number of decimals of a currency's amounts: 2 for dollars and the like, 8 for coins. */
export function amountDecimals(currency: string): number {
  return hundredths.has(currency) ? 2 : 8;
}

function stated(value: number, decimals: number, rounding: Decimal.Rounding): string {
  if (!Number.isFinite(value) || Math.abs(value) >= largestAmount) throw new AmountError(value);
  const digits = String(value);
  const text = digits.includes("e") ? new Exact(digits).toFixed(decimals, rounding) : cut(digits, decimals, rounding);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/**
 * Rounds a decimal without an exponent, as Decimal does. Results state many amounts, and this takes a tenth of the time.
 */
function cut(digits: string, decimals: number, rounding: Decimal.Rounding): string {
  const [whole = "", fraction = ""] = digits.split(".");
  if (fraction.length <= decimals) return decimals === 0 ? whole : `${whole}.${fraction.padEnd(decimals, "0")}`;
  const isNegative = whole.startsWith("-");
  const isAway =
    (rounding === Decimal.ROUND_CEIL && !isNegative) ||
    (rounding === Decimal.ROUND_FLOOR && isNegative) ||
    (rounding === Decimal.ROUND_HALF_UP && fraction.charAt(decimals) >= "5");
  const kept = BigInt(`${isNegative ? whole.slice(1) : whole}${fraction.slice(0, decimals)}`) + (isAway ? 1n : 0n);
  return `${isNegative ? "-" : ""}${withPoint(kept.toString(), decimals)}`;
}

function withPoint(digits: string, decimals: number): string {
  if (decimals === 0) return digits;
  const padded = digits.padStart(decimals + 1, "0");
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

/** Formats what an account owes, needs or loses. It is rounded up, so that rounding never favours the account. */
export function requirementText(value: number, currency: string): string {
  return stated(value, amountDecimals(currency), Decimal.ROUND_CEIL);
}

/**
 * Formats what an account owns or has left, such as equity, balance or headroom. It is rounded down, so that rounding
 * never favours the account.
 */
export function valueText(value: number, currency: string): string {
  return stated(value, amountDecimals(currency), Decimal.ROUND_FLOOR);
}

/** Subtracts one stated amount from another exactly. The result has the decimals of the first. */
export function subtractAmounts(amount: string, subtracted: string): string {
  const decimals = decimalsOf(amount);
  if (decimalsOf(subtracted) > decimals) return new Exact(amount).minus(subtracted).toFixed(decimals);
  const difference = unitsOf(amount, decimals) - unitsOf(subtracted, decimals);
  return difference < 0n
    ? `-${withPoint((-difference).toString(), decimals)}`
    : withPoint(difference.toString(), decimals);
}

function decimalsOf(amount: string): number {
  const point = amount.indexOf(".");
  return point < 0 ? 0 : amount.length - point - 1;
}

/** Returns an amount in units of the last of so many decimals. */
function unitsOf(amount: string, decimals: number): bigint {
  return BigInt(
    amount.replace(".", "").padEnd(amount.length - (amount.includes(".") ? 1 : 0) + decimals - decimalsOf(amount), "0"),
  );
}

/** Adds two stated amounts exactly. The result has the decimals of the more precise one. */
export function addAmounts(amount: string, added: string): string {
  return new Exact(amount).plus(added).toFixed(Math.max(decimalsOf(amount), decimalsOf(added)));
}

/** Formats a margin ratio, rounded up. It rises to 1 at danger. */
export function ratioText(value: number): string {
  return stated(value, ratioDecimals, Decimal.ROUND_CEIL);
}

/** Formats a market price with the fewest digits that read back as the same double. */
export function priceText(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= largestAmount) throw new AmountError(value);
  return new Exact(value.toString()).toFixed();
}

/** Significant digits of a call price that its usual decimals would state less exactly. */
const callPriceDigits = 5;

/**
 * Formats the index price at which a severity starts. It is rounded towards the market, up if the danger is below and
 * down if it is above, so that the stated price is reached no later than the true one. It has 2 decimals from 1 on and
 * 8 below, or as many as five significant digits take, or as many as keep it on its side of the market, which is `gap`
 * away.
 */
export function callPriceText(value: number, direction: "up" | "down", gap = Number.POSITIVE_INFINITY): string {
  const usual = Math.abs(value) >= 1 ? 2 : 8;
  const digits = callPriceDigits - 1 - exponentOf(value);
  const decimals = Math.min(pricePlaces, Math.max(usual, digits, 1 - exponentOf(gap)));
  const rounding = direction === "down" ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR;
  return withoutZeros(stated(value, decimals, rounding), usual);
}

/** Significant digits of a distance below one percent. */
const distanceDigits = 2;

/**
 * Formats the distance to a price as a percentage with 2 decimals or 2 significant digits. It is rounded towards zero,
 * so that danger never looks farther away than it is.
 */
export function distancePercentText(fraction: number): string {
  const percent = new Exact(fraction).times(100).toNumber();
  const decimals = Math.min(decimalPlaces, Math.max(2, distanceDigits - 1 - exponentOf(percent)));
  return withoutZeros(stated(percent, decimals, Decimal.ROUND_DOWN), 2);
}

/**
 * Formats a computed price as a quote, rounded to nearest, with at least `decimals` decimals and `digits` significant
 * digits.
 */
export function quotedPriceText(value: number, decimals: number, digits: number): string {
  const places = Math.min(pricePlaces, Math.max(decimals, digits - 1 - exponentOf(value)));
  return withoutZeros(stated(value, places, Decimal.ROUND_HALF_UP), 0);
}

/**
 * Formats a number of contracts or coins, rounded to nearest, with 8 decimals or 8 significant digits, whichever is
 * finer.
 */
export function quantityText(value: number): string {
  const places = Math.min(decimalPlaces, Math.max(8, 7 - exponentOf(value)));
  return withoutZeros(stated(value, places, Decimal.ROUND_HALF_UP), 0);
}

/** Formats a figure that is not an amount, such as a Greek. It is rounded to nearest and has no exponent. */
export function figureText(value: number, decimals: number): string {
  const text = new Exact(value).toFixed(decimals, Decimal.ROUND_HALF_UP);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/**
 * Formats a figure that is not an amount, such as a tick of a chart, with so many significant digits. It is rounded to
 * nearest and has no exponent.
 */
export function digitsText(value: number, digits: number): string {
  return value === 0 ? "0" : new Exact(value).toSignificantDigits(digits, Decimal.ROUND_HALF_UP).toFixed();
}

/**
 * Returns the power of ten of the first digit, for example -9 for 0.0000000031. It is infinite for 0 and for numbers
 * that are not finite.
 */
function exponentOf(value: number): number {
  return Number.isFinite(value) && value !== 0 ? new Exact(Math.abs(value)).e : Number.POSITIVE_INFINITY;
}

/** Removes trailing zeros from a decimal, but keeps at least so many decimals. */
function withoutZeros(text: string, decimals: number): string {
  const kept = new Exact(text).decimalPlaces();
  return new Exact(text).toFixed(Math.max(decimals, kept));
}

/** Converts a decimal string to the nearest double. */
export function toNumber(text: string): number {
  return Number(text);
}
