import { createScratch } from "../arrays/scratch.ts";
import { exp } from "../numbers/index.ts";
import { black76Greeks, black76IntoScenarios, black76Price } from "../pricing/index.ts";
import type { PerpetualOptionTerms, PerpetualOptionValue } from "./perpetual-option.ts";

/**
 * Number of terms of the sum below. All further terms together are worth less than 2^-48 (4e-15) of the spot or strike.
 */
const EVERLASTING_TERMS = 48;

/**
 * Computes the price of an everlasting option, which pays mark minus payoff once per funding period: the sum over n of
 * 2^-n times the dated option of n periods (docs/sources.md, Perpetual options and powers). `rate` and `volatility` are
 * per year. NaN gives NaN.
 */
export function everlastingOptionPrice(
  terms: PerpetualOptionTerms,
  spot: number,
  rate: number,
  volatility: number,
): number {
  let price = 0;
  for (const { weight, years, discountFactor } of datedParts(terms, rate)) {
    price +=
      weight * black76Price(terms.optionSign, spot / discountFactor, terms.strike, years, volatility, discountFactor);
  }
  return price;
}

/**
 * Computes price and Greeks of an everlasting option as the sum over its dated parts. For the arguments see
 * `everlastingOptionPrice`.
 */
export function everlastingOptionValue(
  terms: PerpetualOptionTerms,
  spot: number,
  rate: number,
  volatility: number,
): PerpetualOptionValue {
  const value = { price: 0, delta: 0, gamma: 0, vega: 0 };
  for (const { weight, years, discountFactor } of datedParts(terms, rate)) {
    const forward = spot / discountFactor;
    const dated = black76Greeks(terms.optionSign, forward, terms.strike, years, volatility, discountFactor, rate);
    value.price += weight * dated.price;
    value.delta += (weight * dated.delta) / discountFactor;
    value.gamma += (weight * dated.gamma) / discountFactor / discountFactor;
    value.vega += weight * dated.vega;
  }
  return value;
}

const partScratch = createScratch();
const deviationScratch = createScratch();

/**
 * Writes the prices of an everlasting option in `count` scenarios, without interest, to out[offset ...]. In scenario s
 * the spot is spot x priceMultiplier[s], and the volatility per year is volatility[s].
 */
export function everlastingIntoScenarios(
  out: Float64Array,
  offset: number,
  count: number,
  terms: PerpetualOptionTerms,
  spot: number,
  priceMultiplier: Float64Array,
  logPriceMultiplier: Float64Array,
  volatility: Float64Array,
): void {
  const part = partScratch(count);
  const deviation = deviationScratch(count);
  out.fill(0, offset, offset + count);
  for (const { weight, years } of datedParts(terms, 0)) {
    const rootYears = Math.sqrt(years);
    for (let s = 0; s < count; s += 1) deviation[s] = volatility[s]! * rootYears;
    const { optionSign, strike } = terms;
    black76IntoScenarios(part, 0, count, optionSign, spot, strike, 1, priceMultiplier, logPriceMultiplier, deviation);
    for (let s = 0; s < count; s += 1) out[offset + s] = out[offset + s]! + weight * part[s]!;
  }
}

/** Generates the dated options that make up an everlasting option. */
function* datedParts({ fundingPeriodYears }: PerpetualOptionTerms, rate: number) {
  let weight = 1;
  for (let n = 1; n <= EVERLASTING_TERMS; n += 1) {
    weight /= 2;
    const years = n * fundingPeriodYears;
    yield { weight, years, discountFactor: rate === 0 ? 1 : exp(-rate * years) };
  }
}
