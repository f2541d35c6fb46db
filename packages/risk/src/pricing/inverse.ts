import type { OptionSign } from "./black76.ts";
import { black76Price } from "./black76.ts";
import { black76Greeks } from "./greeks.ts";

/**
 * Profit in coin of an inverse (coin-settled) future or perpetual: Q (1/entry - 1/exit)
 * (docs/sources.md, Inverse contracts). `quantity` is the contract amount in quote currency, negative when short;
 * gain-positive. Concave in the exit price for a long, which loses more coin on a fall than it wins on a rise of the
 * same size. A price of 0 gives an infinity or NaN.
 */
export function inversePnl(quantity: number, entryPrice: number, exitPrice: number): number {
  return (quantity * (exitPrice - entryPrice)) / entryPrice / exitPrice;
}

/** Change in coin of an inverse position per unit of price: Q/P^2. `quantity` as in `inversePnl`. */
export function inverseDelta(quantity: number, price: number): number {
  return quantity / price / price;
}

/** Second derivative in coin of an inverse position's value: -2 Q/P^3. `quantity` as in `inversePnl`. */
export function inverseGamma(quantity: number, price: number): number {
  return (-2 * quantity) / price / price / price;
}

/** Value in coin of a coin-settled European option per coin of notional: Black-76 divided by the forward. */
export function inverseOptionPrice(
  optionSign: OptionSign,
  forward: number,
  strike: number,
  timeToExpiryYears: number,
  volatility: number,
  discountFactor: number,
): number {
  return black76Price(optionSign, forward, strike, timeToExpiryYears, volatility, discountFactor) / forward;
}

/** Sensitivities in coin of one long coin-settled option per coin of notional. */
export interface InverseOptionGreeks {
  /** Value in coin. */
  readonly price: number;
  /** d(coin value)/dF, coin per unit of price. */
  readonly delta: number;
  /** F x delta: coins of exposure after the premium's own, which venues show as net transaction delta. */
  readonly netDelta: number;
  /** d2(coin value)/dF2. */
  readonly gamma: number;
  /** Coin per 1.00 of volatility. */
  readonly vega: number;
  /** Coin per calendar day of 1/365 year. */
  readonly theta: number;
}

/**
 * Greeks of a coin-settled option in coin, from those of Black-76 and v = V/F (docs/sources.md, Inverse contracts):
 * v' = (delta - v)/F and v'' = gamma/F - 2 delta/F^2 + 2 v/F^2. Arguments and special values as in `black76Greeks`.
 */
export function inverseOptionGreeks(
  optionSign: OptionSign,
  forward: number,
  strike: number,
  timeToExpiryYears: number,
  volatility: number,
  discountFactor: number,
): InverseOptionGreeks {
  const greeks = black76Greeks(optionSign, forward, strike, timeToExpiryYears, volatility, discountFactor);
  const price = greeks.price / forward;
  const netDelta = greeks.delta - price;
  return {
    price,
    delta: netDelta / forward,
    netDelta,
    gamma: (greeks.gamma - (2 * netDelta) / forward) / forward,
    vega: greeks.vega / forward,
    theta: greeks.theta / forward,
  };
}
