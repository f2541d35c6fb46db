import { exp, pow } from "../numbers/index.ts";
import { black76Price, type OptionSign } from "../pricing/index.ts";

/** An option that never expires and pays funding instead: mark minus payoff, spread over the funding period. */
export interface PerpetualOptionTerms {
  readonly optionSign: OptionSign;
  readonly strike: number;
  /** Period over which one full (mark - payoff) is paid, years. */
  readonly fundingPeriodYears: number;
}

export interface PerpetualOptionValue {
  /** Quote currency per unit of the underlying. */
  readonly price: number;
  /** d(price)/d(spot). */
  readonly delta: number;
  /** d2(price)/d(spot)2; it jumps where the spot crosses the strike. */
  readonly gamma: number;
}

/**
 * Price of a perpetual option with continuous funding (METHODS.md 11, after Paradex): the average of dated options over an
 * exponential expiry of mean T, (1/T) integral of e^(-t/T) dated(t) dt. In closed form, with a1 > 0 > a2 the roots of
 * (v^2/2) a (a - 1) + r a - (r + 1/T) = 0, the call is A (S/K)^a1 below the strike and B (S/K)^a2 + S - K/(1 + rT) above it,
 * A and B such that value and slope meet at the strike; the put differs by S - K/(1 + rT).
 *
 * `rate` per year (from the perpetual future's funding), `volatility` per year. NaN unless spot, strike, volatility, period and
 * 1 + rate x period are all above 0.
 */
export function perpetualOptionValue(
  terms: PerpetualOptionTerms,
  spot: number,
  rate: number,
  volatility: number,
): PerpetualOptionValue {
  const { optionSign, strike, fundingPeriodYears: period } = terms;
  if (!(spot > 0 && strike > 0 && volatility > 0 && period > 0 && 1 + rate * period > 0)) {
    return { price: Number.NaN, delta: Number.NaN, gamma: Number.NaN };
  }
  const variance = volatility * volatility;
  const drift = rate - variance / 2;
  const root = Math.sqrt(drift * drift + 2 * variance * (rate + 1 / period));
  const above = (root - drift) / variance;
  const below = -(root + drift) / variance;
  const interestShare = (rate * period) / (1 + rate * period);
  const upperCoefficient = (strike * (1 - above * interestShare)) / (above - below);
  const lowerCoefficient = upperCoefficient + strike * interestShare;
  const inside = spot < strike;
  const exponent = inside ? above : below;
  const timeValue = (inside ? lowerCoefficient : upperCoefficient) * pow(spot / strike, exponent);
  // Below the strike this is the call, above it the put: the other one differs by the forward payoff.
  const forwardPayoff = spot - strike / (1 + rate * period);
  const isCall = optionSign === 1;
  const payoff = inside === isCall ? 0 : isCall ? forwardPayoff : -forwardPayoff;
  const payoffDelta = inside === isCall ? 0 : optionSign;
  return {
    price: timeValue + payoff,
    delta: (exponent * timeValue) / spot + payoffDelta,
    gamma: (exponent * (exponent - 1) * timeValue) / spot / spot,
  };
}

/** Terms of the sum below that still count: 2^-64 is beyond the last bit of the first. */
const EVERLASTING_TERMS = 64;

/**
 * Price of an everlasting option, which pays mark minus payoff once per funding period: the sum over n of 2^-n times the dated
 * option of n periods (METHODS.md 11). Arguments as in `perpetualOptionValue`; NaN gives NaN.
 */
export function everlastingOptionPrice(
  terms: PerpetualOptionTerms,
  spot: number,
  rate: number,
  volatility: number,
): number {
  let price = 0;
  let weight = 1;
  for (let n = 1; n <= EVERLASTING_TERMS; n += 1) {
    weight /= 2;
    const years = n * terms.fundingPeriodYears;
    const discountFactor = exp(-rate * years);
    price +=
      weight * black76Price(terms.optionSign, spot / discountFactor, terms.strike, years, volatility, discountFactor);
  }
  return price;
}
