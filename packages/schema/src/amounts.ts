import { Decimal } from "decimal.js";
import { decimalPlaces, largestAmount, pricePlaces } from "./primitives.ts";

/** Wide enough that every double and every decimal of the contracts is held exactly. */
const Exact = Decimal.clone({ precision: 400, toExpNeg: -400, toExpPos: 400 });

/** Currencies stated in hundredths; every other currency is a coin, stated in hundred-millionths. */
const hundredths = new Set(["USD", "USDC", "USDT", "EUR", "GBP"]);

const ratioDecimals = 6;

/** The kernel gave a number that is no amount: an input was too large for it. */
export class AmountError extends Error {
  override readonly name = "AmountError";
  readonly value: number;
  constructor(value: number) {
    super(`${value} is no amount of money: it must be finite and below ${largestAmount}`);
    this.value = value;
  }
}

/** Decimals in which amounts of a currency are stated: 2 for dollars and the like, 8 for coins. */
export function amountDecimals(currency: string): number {
  return hundredths.has(currency) ? 2 : 8;
}

function stated(value: number, decimals: number, rounding: Decimal.Rounding): string {
  if (!Number.isFinite(value) || Math.abs(value) >= largestAmount) throw new AmountError(value);
  const text = new Exact(value).toFixed(decimals, rounding);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** What an account owes, needs or loses: rounded up, so that rounding never favours it. */
export function requirementText(value: number, currency: string): string {
  return stated(value, amountDecimals(currency), Decimal.ROUND_CEIL);
}

/** What an account owns or has left (equity, balance, headroom): rounded down, so that rounding never favours it. */
export function valueText(value: number, currency: string): string {
  return stated(value, amountDecimals(currency), Decimal.ROUND_FLOOR);
}

/** Exact difference of two stated amounts, in the decimals of the first. */
export function subtractAmounts(amount: string, subtracted: string): string {
  const difference = new Exact(amount).minus(subtracted);
  return difference.toFixed(amount.split(".")[1]?.length ?? 0);
}

/** Margin ratio, rising to 1 at danger: rounded up. */
export function ratioText(value: number): string {
  return stated(value, ratioDecimals, Decimal.ROUND_CEIL);
}

/** A price of the market at the fewest digits that name the double again. */
export function priceText(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= largestAmount) throw new AmountError(value);
  return new Exact(value.toString()).toFixed();
}

/** Digits of a call price: below the thousands, and below 0.001, its usual decimals would leave fewer. */
const callPriceDigits = 5;

/**
 * The index price at which a severity starts, stated so that it is met no later than the true one: rounded up when the
 * danger is below the price, down when it is above. Two decimals from 1 on, eight below, or as many as five digits take;
 * and as many as keep it on its side of the market, `gap` away at the nearest.
 */
export function callPriceText(value: number, direction: "up" | "down", gap = Number.POSITIVE_INFINITY): string {
  const usual = Math.abs(value) >= 1 ? 2 : 8;
  const digits = callPriceDigits - 1 - exponentOf(value);
  const decimals = Math.min(pricePlaces, Math.max(usual, digits, 1 - exponentOf(gap)));
  const rounding = direction === "down" ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR;
  return withoutZeros(stated(value, decimals, rounding), usual);
}

/** Digits of a distance below one percent. */
const distanceDigits = 2;

/** Distance to a price in percent, rounded towards none: danger is never stated farther than it is. Two decimals, or two digits. */
export function distancePercentText(fraction: number): string {
  const percent = new Exact(fraction).times(100).toNumber();
  const decimals = Math.min(decimalPlaces, Math.max(2, distanceDigits - 1 - exponentOf(percent)));
  return withoutZeros(stated(percent, decimals, Decimal.ROUND_DOWN), 2);
}

/** A computed price as it is quoted: to the nearest, in so many decimals, or so many digits where those are more. */
export function quotedPriceText(value: number, decimals: number, digits: number): string {
  const places = Math.min(pricePlaces, Math.max(decimals, digits - 1 - exponentOf(value)));
  return withoutZeros(stated(value, places, Decimal.ROUND_HALF_UP), 0);
}

/** Contracts or coins, to the nearest of eight decimals, or eight digits where those are more. */
export function quantityText(value: number): string {
  const places = Math.min(decimalPlaces, Math.max(8, 7 - exponentOf(value)));
  return withoutZeros(stated(value, places, Decimal.ROUND_HALF_UP), 0);
}

/** A figure that is no amount, such as a Greek, to the nearest and without an exponent, in so many decimals. */
export function figureText(value: number, decimals: number): string {
  const text = new Exact(value).toFixed(decimals, Decimal.ROUND_HALF_UP);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** A figure that is no amount, such as a tick of a chart, to the nearest and without an exponent, in so many digits. */
export function digitsText(value: number, digits: number): string {
  return value === 0 ? "0" : new Exact(value).toSignificantDigits(digits, Decimal.ROUND_HALF_UP).toFixed();
}

/** Power of ten of the first digit: -9 for 0.0000000031; without end for 0 and for what has none. */
function exponentOf(value: number): number {
  return Number.isFinite(value) && value !== 0 ? new Exact(Math.abs(value)).e : Number.POSITIVE_INFINITY;
}

/** A decimal without the zeros at its end, but for so many decimals. */
function withoutZeros(text: string, decimals: number): string {
  const kept = new Exact(text).decimalPlaces();
  return new Exact(text).toFixed(Math.max(decimals, kept));
}

/** A decimal string as the double nearest to it. */
export function toNumber(text: string): number {
  return Number(text);
}
