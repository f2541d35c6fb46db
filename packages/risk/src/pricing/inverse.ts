import type { OptionSign } from "./black76.ts";
import { black76Price } from "./black76.ts";
import { black76Greeks } from "./greeks.ts";

/**
 * Computes the value in coin of a coin-settled European option per coin of notional, which is Black-76 divided by the
 * forward.
 */
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

/** The sensitivities in coin of one long coin-settled option per coin of notional. */
export interface InverseOptionGreeks {
  /** The value in coin. */
  readonly price: number;
  /** d(coin value)/dF, in coin per unit of price. */
  readonly delta: number;
  /**
   * F x delta, in coins: the exposure apart from that of the premium itself. Venues show it as net transaction delta.
   */
  readonly netDelta: number;
  /** d2(coin value)/dF2, the change of delta per unit of price. */
  readonly gamma: number;
  /** The change of value in coin per 1.00 of volatility. */
  readonly vega: number;
  /** The change of value in coin per calendar day (1/365 year). */
  readonly theta: number;
}

/**
 * Computes the Greeks of a coin-settled option in coin, from those of Black-76 and v = V/F (docs/sources.md, Inverse
 * contracts). The formulas are v' = (delta - v)/F and v'' = gamma/F - 2 delta/F^2 + 2 v/F^2. Arguments and special
 * values are those of `black76Greeks`.
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
