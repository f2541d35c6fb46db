import { Decimal } from "decimal.js";

/** Wide enough that every double and every decimal of the contracts is held exactly. */
const Exact = Decimal.clone({ precision: 400, toExpNeg: -400, toExpPos: 400 });

/** Currencies stated in hundredths; every other currency is a coin, stated in hundred-millionths. */
const hundredths = new Set(["USD", "USDC", "USDT", "EUR", "GBP"]);

/** Beyond this a number is a mistake, not money; it keeps stated amounts within the contract of `decimal`. */
const largestAmount = 1e24;

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
function amountDecimals(currency: string): number {
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

/**
 * The index price at which a severity starts, stated so that it is met no later than the true one: rounded up when the
 * danger is below the price, down when it is above. Two decimals from 1 on, eight below.
 */
export function callPriceText(value: number, direction: "up" | "down"): string {
  const rounding = direction === "down" ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR;
  return stated(value, Math.abs(value) >= 1 ? 2 : 8, rounding);
}

/** Distance to a price in percent, two decimals, rounded towards none: danger is never stated farther than it is. */
export function distancePercentText(fraction: number): string {
  return stated(new Exact(fraction).times(100).toNumber(), 2, Decimal.ROUND_DOWN);
}

/** A decimal string as the double nearest to it. */
export function toNumber(text: string): number {
  return Number(text);
}
