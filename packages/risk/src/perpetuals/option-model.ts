import type { PerpetualOptionInstrument } from "../model/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { payoff } from "../pricing/index.ts";
import { everlastingIntoScenarios, everlastingOptionPrice, everlastingOptionValue } from "./everlasting-option.ts";
import { inMarkUnit, type PerpetualModel } from "./perpetual-model.ts";
import {
  type PerpetualOptionTerms,
  perpetualOptionCurve,
  perpetualOptionValue,
  priceOnCurve,
} from "./perpetual-option.ts";

function termsOf(option: PerpetualOptionInstrument): PerpetualOptionTerms {
  return {
    optionSign: option.optionType === "call" ? 1 : -1,
    strike: option.strike,
    fundingPeriodYears: option.fundingPeriodDays / DAYS_PER_YEAR,
  };
}

/**
 * The model of perpetual options. With a funding period T the mean life is T for continuous funding and 2T if it is
 * paid once per period, which follows from the weights of the dated parts. To use it as the tenor is our choice. If the
 * index moves, a mark keeps its distance from the model, but stays at or above 0.
 */
export const perpetualOptionModel: PerpetualModel<PerpetualOptionInstrument> = {
  meanLifeDays({ fundingStyle, fundingPeriodDays }) {
    return fundingStyle === "continuous" ? fundingPeriodDays : 2 * fundingPeriodDays;
  },
  value(instrument, index, volatility) {
    const value = instrument.fundingStyle === "continuous" ? perpetualOptionValue : everlastingOptionValue;
    return value(termsOf(instrument), index, 0, volatility);
  },
  price(instrument, index, volatility) {
    return instrument.fundingStyle === "discrete"
      ? everlastingOptionPrice(termsOf(instrument), index, 0, volatility)
      : perpetualOptionValue(termsOf(instrument), index, 0, volatility).price;
  },
  fundingPayoff: payoff,
  movedMark(instrument, markPrice, index, volatility, multiplier) {
    const moved = index * multiplier;
    const before = inMarkUnit(instrument, this.price(instrument, index, volatility), index);
    const after = inMarkUnit(instrument, this.price(instrument, moved, volatility), moved);
    return Math.max(0, after + (markPrice - before));
  },
  writePrices(out, offset, instrument, index, set, volatility) {
    const terms = termsOf(instrument);
    const { none, up, down, column } = volatility;
    const { scenarioCount: count, priceMultiplier, logPriceMultiplier } = set;
    if (instrument.fundingStyle === "discrete") {
      everlastingIntoScenarios(out, offset, count, terms, index, priceMultiplier, logPriceMultiplier, column);
      return;
    }
    const at = (moved: number) => perpetualOptionCurve(terms, 0, moved);
    const [atRest, upper, lower] = [at(none), at(up), at(down)];
    for (let s = 0; s < count; s += 1) {
      const state = set.volatilityState[s]!;
      const curve = state === 0 ? atRest : state > 0 ? upper : lower;
      const spot = index * priceMultiplier[s]!;
      // Without volatility the value is the payoff.
      out[offset + s] =
        curve === null ? Math.max(0, terms.optionSign * (spot - terms.strike)) : priceOnCurve(curve, spot);
    }
  },
  findFault: () => null,
};
