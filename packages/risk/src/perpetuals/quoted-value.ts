import { createScratch } from "../arrays/scratch.ts";
import type {
  Instrument,
  PerpetualOptionInstrument,
  PowerPerpetualInstrument,
  QuotedInstrument,
  ScanParameters,
} from "../model/index.ts";
import { pow } from "../numbers/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { movedVolatility, type ScenarioSet } from "../scenarios/index.ts";
import { everlastingIntoScenarios, everlastingOptionPrice, everlastingOptionValue } from "./everlasting-option.ts";
import {
  type PerpetualOptionTerms,
  type PerpetualOptionValue,
  perpetualOptionCurve,
  perpetualOptionValue,
  priceOnCurve,
} from "./perpetual-option.ts";
import { powerPerpetualValue } from "./power-perpetual.ts";

/** Instruments that never expire and whose value bends with the price: valued by a model, held against an entry price. */
export type CurvedPerpetual = PerpetualOptionInstrument | PowerPerpetualInstrument;

/** Whether an instrument is a perpetual option or a power perpetual. */
export function isCurvedPerpetual(instrument: Instrument): instrument is CurvedPerpetual {
  return instrument.kind === "perpetual_option" || instrument.kind === "power_perpetual";
}

/**
 * Mean life in days that volatility moves of a scan are scaled by: T of an option whose funding is continuous, 2T of one that
 * pays once a period, as the weights of the dated parts have it. To take this for the tenor is our choice.
 */
export function meanLifeDays(instrument: CurvedPerpetual): number {
  const isContinuous = instrument.kind === "perpetual_option" && instrument.fundingStyle === "continuous";
  return isContinuous ? instrument.fundingPeriodDays : 2 * instrument.fundingPeriodDays;
}

function termsOf(option: PerpetualOptionInstrument): PerpetualOptionTerms {
  return {
    optionSign: option.optionType === "call" ? 1 : -1,
    strike: option.strike,
    fundingPeriodYears: option.fundingPeriodDays / DAYS_PER_YEAR,
  };
}

/** Model price and Greeks per unit of contract size, quote currency, without interest. Volatility per year. */
export function curvedPerpetualValue(
  instrument: CurvedPerpetual,
  index: number,
  volatility: number,
): PerpetualOptionValue {
  if (instrument.kind === "perpetual_option") {
    const value = instrument.fundingStyle === "continuous" ? perpetualOptionValue : everlastingOptionValue;
    return value(termsOf(instrument), index, 0, volatility);
  }
  const { power, fundingPeriodDays } = instrument;
  return powerPerpetualValue(index, power, 0, volatility, fundingPeriodDays / DAYS_PER_YEAR);
}

/** Model price in the unit of the instrument's mark: quote currency when linear, coin when inverse. */
export function curvedPerpetualMark(instrument: CurvedPerpetual, index: number, volatility: number): number {
  const price =
    instrument.kind === "perpetual_option" && instrument.fundingStyle === "discrete"
      ? everlastingOptionPrice(termsOf(instrument), index, 0, volatility)
      : curvedPerpetualValue(instrument, index, volatility).price;
  return instrument.settlement === "inverse" ? price / index : price;
}

/** What funding measures the mark against, in the unit of the mark: the payoff of the option, or index ^ power. */
export function fundingPayoff(instrument: CurvedPerpetual, index: number): number {
  const inverse = instrument.settlement === "inverse";
  if (instrument.kind === "power_perpetual") return pow(index, inverse ? instrument.power - 1 : instrument.power);
  const sign = instrument.optionType === "call" ? 1 : -1;
  const payoff = Math.max(0, sign * (index - instrument.strike));
  return inverse ? payoff / index : payoff;
}

/** The mark after the index was multiplied: options keep their distance from the model, power perpetuals their ratio to it. */
export function movedCurvedMark(quoted: QuotedInstrument, instrument: CurvedPerpetual, multiplier: number): number {
  const { markPrice, forwardPrice } = quoted;
  if (instrument.kind === "power_perpetual") {
    return markPrice * pow(multiplier, instrument.settlement === "inverse" ? instrument.power - 1 : instrument.power);
  }
  const volatility = quoted.markVolatility ?? Number.NaN;
  const before = curvedPerpetualMark(instrument, forwardPrice, volatility);
  const after = curvedPerpetualMark(instrument, forwardPrice * multiplier, volatility);
  return Math.max(0, after + (markPrice - before));
}

const volatilityScratch = createScratch();

/** Volatility per year in each scenario, after the moves of the scan at the instrument's mean life. */
function scenarioVolatilities(
  quoted: QuotedInstrument,
  instrument: CurvedPerpetual,
  set: ScenarioSet,
  scan: ScanParameters,
) {
  const days = meanLifeDays(instrument);
  const volatility = quoted.markVolatility ?? Number.NaN;
  const up = movedVolatility(volatility, days, 1, scan);
  const down = movedVolatility(volatility, days, -1, scan);
  const column = volatilityScratch(set.scenarioCount);
  for (let s = 0; s < set.scenarioCount; s += 1) {
    const state = set.volatilityState[s]!;
    column[s] = state === 0 ? volatility : state > 0 ? up : down;
  }
  return { up, down, column, volatility };
}

/**
 * Writes the risk array of a perpetual option or power perpetual to out[offset ...]: loss of one long contract in each
 * scenario, settlement currency; see writeRiskArray. The index moves with the price, S' = S (1 + m), the volatility as that of
 * an option of the mean life. Interest is 0. Inverse contracts lose size x (V/S - V'/S') coin.
 */
export function writeCurvedArray(
  out: Float64Array,
  offset: number,
  quoted: QuotedInstrument,
  instrument: CurvedPerpetual,
  set: ScenarioSet,
  scan: ScanParameters,
): void {
  const { forwardPrice: index } = quoted;
  const { scenarioCount: count, priceMultiplier, logPriceMultiplier } = set;
  const { up, down, column, volatility } = scenarioVolatilities(quoted, instrument, set, scan);
  const years = instrument.fundingPeriodDays / DAYS_PER_YEAR;
  if (instrument.kind === "power_perpetual") {
    const { power } = instrument;
    const at = (moved: number) => powerPerpetualValue(1, power, 0, moved, years).normalised;
    const [none, upper, lower] = [at(volatility), at(up), at(down)];
    for (let s = 0; s < count; s += 1) {
      const state = set.volatilityState[s]!;
      const normalised = state === 0 ? none : state > 0 ? upper : lower;
      out[offset + s] = pow(index * priceMultiplier[s]!, power) * normalised;
    }
  } else if (instrument.fundingStyle === "discrete") {
    const terms = termsOf(instrument);
    everlastingIntoScenarios(out, offset, count, terms, index, priceMultiplier, logPriceMultiplier, column);
  } else {
    const terms = termsOf(instrument);
    const at = (moved: number) => perpetualOptionCurve(terms, 0, moved);
    const [none, upper, lower] = [at(volatility), at(up), at(down)];
    for (let s = 0; s < count; s += 1) {
      const state = set.volatilityState[s]!;
      const curve = state === 0 ? none : state > 0 ? upper : lower;
      const spot = index * priceMultiplier[s]!;
      // Without volatility nothing is left but the payoff.
      out[offset + s] =
        curve === null ? Math.max(0, terms.optionSign * (spot - terms.strike)) : priceOnCurve(curve, spot);
    }
  }
  if (instrument.settlement === "inverse") {
    for (let s = 0; s < count; s += 1) out[offset + s] = out[offset + s]! / (index * priceMultiplier[s]!);
  }
  const value = out[offset + set.noMoveIndex]!;
  for (let s = 0; s < count; s += 1) out[offset + s] = instrument.contractSize * (value - out[offset + s]!);
}

/** Why no value can be given in the scenarios, in words; null when there is one. */
export function findCurvedFault(instrument: CurvedPerpetual, volatility: number, scan: ScanParameters): string | null {
  const { fundingPeriodDays } = instrument;
  if (!(fundingPeriodDays > 0)) return `funding_period_days ${fundingPeriodDays}: above 0`;
  if (instrument.kind === "perpetual_option") return null;
  const { power } = instrument;
  if (!(power > 0 && power <= 3)) return `power ${power}: above 0 and at most 3`;
  const years = fundingPeriodDays / DAYS_PER_YEAR;
  const up = movedVolatility(volatility, meanLifeDays(instrument), 1, scan);
  const { normalised } = powerPerpetualValue(1, power, 0, up, years);
  return Number.isFinite(normalised)
    ? null
    : `no finite price at a volatility of ${up}: its funding period of ${fundingPeriodDays} days is too long`;
}
