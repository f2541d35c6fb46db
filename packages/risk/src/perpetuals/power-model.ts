import type { PowerPerpetualInstrument } from "../model/index.ts";
import { pow } from "../numbers/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { movedVolatility } from "../scenarios/index.ts";
import type { PerpetualModel } from "./perpetual-model.ts";
import { powerPerpetualValue } from "./power-perpetual.ts";

/** Returns the power of the index that a mark is proportional to. It is one less if the mark is in coin. */
function markPowerOf({ settlement, power }: PowerPerpetualInstrument): number {
  return settlement === "inverse" ? power - 1 : power;
}

/**
 * The model of power perpetuals. Funding is paid once per period T, which gives a mean life of 2T. A mark keeps its
 * ratio to the model.
 */
export const powerPerpetualModel: PerpetualModel<PowerPerpetualInstrument> = {
  meanLifeDays: ({ fundingPeriodDays }) => 2 * fundingPeriodDays,
  value({ power, fundingPeriodDays }, index, volatility) {
    return powerPerpetualValue(index, power, 0, volatility, fundingPeriodDays / DAYS_PER_YEAR);
  },
  price(instrument, index, volatility) {
    return this.value(instrument, index, volatility).price;
  },
  fundingPayoff: (instrument, index) => pow(index, markPowerOf(instrument)),
  movedMark: (instrument, markPrice, _index, _volatility, multiplier) =>
    markPrice * pow(multiplier, markPowerOf(instrument)),
  writePrices(out, offset, { power, fundingPeriodDays }, index, set, { none, up, down }) {
    const years = fundingPeriodDays / DAYS_PER_YEAR;
    const at = (moved: number) => powerPerpetualValue(1, power, 0, moved, years).normalised;
    const [atRest, upper, lower] = [at(none), at(up), at(down)];
    for (let s = 0; s < set.scenarioCount; s += 1) {
      const state = set.volatilityState[s]!;
      const normalised = state === 0 ? atRest : state > 0 ? upper : lower;
      out[offset + s] = pow(index * set.priceMultiplier[s]!, power) * normalised;
    }
  },
  findFault(instrument, volatility, scan) {
    const { power, fundingPeriodDays } = instrument;
    if (!(power > 0 && power <= 3)) return `power ${power}: above 0 and at most 3`;
    const up = movedVolatility(volatility, this.meanLifeDays(instrument), 1, scan);
    const { normalised } = powerPerpetualValue(1, power, 0, up, fundingPeriodDays / DAYS_PER_YEAR);
    return Number.isFinite(normalised)
      ? null
      : `no finite price at a volatility of ${up}: its funding period of ${fundingPeriodDays} days is too long`;
  },
};
