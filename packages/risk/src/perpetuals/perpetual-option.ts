import { logRatio } from "../numbers/exponential.ts";
import { pow } from "../numbers/index.ts";
import type { OptionSign } from "../pricing/index.ts";

/**
 * The terms of an option that never expires and pays funding instead: mark minus payoff, spread over the funding
 * period.
 */
export interface PerpetualOptionTerms {
  readonly optionSign: OptionSign;
  readonly strike: number;
  /** Period in years over which one full (mark - payoff) is paid. */
  readonly fundingPeriodYears: number;
}

export interface PerpetualOptionValue {
  /** In quote currency per unit of the underlying. */
  readonly price: number;
  /** d(price)/d(spot). */
  readonly delta: number;
  /** d2(price)/d(spot)2. With continuous funding it jumps where the spot crosses the strike. */
  readonly gamma: number;
  /** d(price)/d(volatility), per 1.00 of volatility. */
  readonly vega: number;
}

/** The parts of a perpetual option's price with continuous funding that do not depend on the spot. */
export interface PerpetualOptionCurve {
  readonly terms: PerpetualOptionTerms;
  /** K / (1 + rT), the strike in the forward payoff. */
  readonly discountedStrike: number;
  /** Time value C (S/K)^a below and above the strike. */
  readonly inside: TimeValueBranch;
  readonly outside: TimeValueBranch;
}

interface TimeValueBranch {
  readonly coefficient: number;
  readonly exponent: number;
  /** Derivatives of coefficient and exponent by volatility. */
  readonly coefficientVega: number;
  readonly exponentVega: number;
}

/**
 * Computes the two branches of the closed form below. It is null unless strike, volatility, period and 1 + rate x
 * period are all above 0.
 */
export function perpetualOptionCurve(
  terms: PerpetualOptionTerms,
  rate: number,
  volatility: number,
): PerpetualOptionCurve | null {
  const { strike, fundingPeriodYears: period } = terms;
  if (!(strike > 0 && volatility > 0 && period > 0 && 1 + rate * period > 0)) return null;
  const variance = volatility * volatility;
  const drift = rate - variance / 2;
  const root = Math.sqrt(drift * drift + 2 * variance * (rate + 1 / period));
  const above = (root - drift) / variance;
  const below = -(root + drift) / variance;
  const interestShare = (rate * period) / (1 + rate * period);
  const distance = above - below;
  const upperCoefficient = (strike * (1 - above * interestShare)) / distance;
  // This follows from differentiating the quadratic of the roots: v^2 (a - 1/2) + r is +root at the upper root and
  // -root at the lower one.
  const aboveVega = (-volatility * above * (above - 1)) / root;
  const belowVega = (volatility * below * (below - 1)) / root;
  const coefficientVega = -(strike * interestShare * aboveVega + upperCoefficient * (aboveVega - belowVega)) / distance;
  return {
    terms,
    discountedStrike: strike / (1 + rate * period),
    inside: {
      coefficient: upperCoefficient + strike * interestShare,
      exponent: above,
      coefficientVega,
      exponentVega: aboveVega,
    },
    outside: { coefficient: upperCoefficient, exponent: below, coefficientVega, exponentVega: belowVega },
  };
}

/** Computes the price on a curve at a spot above 0, as `perpetualOptionValue` does. */
export function priceOnCurve(curve: PerpetualOptionCurve, spot: number): number {
  const { strike, optionSign } = curve.terms;
  const isInside = spot < strike;
  const { coefficient, exponent } = isInside ? curve.inside : curve.outside;
  const timeValue = coefficient * pow(spot / strike, exponent);
  // Below the strike the time value is that of the call, above it that of the put. The other option differs by the
  // forward payoff.
  return isInside === (optionSign === 1) ? timeValue : timeValue + optionSign * (spot - curve.discountedStrike);
}

/**
 * Computes the price of a perpetual option with continuous funding (after Paradex; docs/sources.md, Perpetual options
 * and powers): the average of dated options over an exponential expiry of mean T, (1/T) integral of e^(-t/T) dated(t)
 * dt. In closed form, with a1 > 0 > a2 the roots of (v^2/2) a (a - 1) + r a - (r + 1/T) = 0, the call is A (S/K)^a1
 * below the strike and B (S/K)^a2 + S - K/(1 + rT) above it, with A and B such that value and slope meet at the strike.
 * The put differs by S - K/(1 + rT).
 *
 * `rate` (from the perpetual future's funding) and `volatility` are per year. The result is NaN unless spot, strike,
 * volatility, period and 1 + rate x period are all above 0.
 */
export function perpetualOptionValue(
  terms: PerpetualOptionTerms,
  spot: number,
  rate: number,
  volatility: number,
): PerpetualOptionValue {
  const curve = perpetualOptionCurve(terms, rate, volatility);
  if (curve === null || !(spot > 0)) {
    return { price: Number.NaN, delta: Number.NaN, gamma: Number.NaN, vega: Number.NaN };
  }
  const { strike, optionSign } = terms;
  const isInside = spot < strike;
  const { coefficient, exponent, coefficientVega, exponentVega } = isInside ? curve.inside : curve.outside;
  const power = pow(spot / strike, exponent);
  const timeValue = coefficient * power;
  return {
    price: priceOnCurve(curve, spot),
    delta: (exponent * timeValue) / spot + (isInside === (optionSign === 1) ? 0 : optionSign),
    gamma: (exponent * (exponent - 1) * timeValue) / spot / spot,
    vega: coefficientVega * power + timeValue * exponentVega * logRatio(spot, strike),
  };
}
