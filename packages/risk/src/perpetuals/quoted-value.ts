import { createScratch } from "../arrays/scratch.ts";
import type { CurvedPerpetual, QuotedInstrument, ScanParameters } from "../model/index.ts";
import { movedVolatility, type ScenarioSet } from "../scenarios/index.ts";
import { perpetualOptionModel } from "./option-model.ts";
import { inMarkUnit, type PerpetualModel, type ScannedVolatility } from "./perpetual-model.ts";
import type { PerpetualOptionValue } from "./perpetual-option.ts";
import { powerPerpetualModel } from "./power-model.ts";

/** The model of each kind of instrument that is valued by a `perpetual_model`. */
const models: {
  readonly [Kind in CurvedPerpetual["kind"]]: PerpetualModel<Extract<CurvedPerpetual, { readonly kind: Kind }>>;
} = {
  perpetual_option: perpetualOptionModel,
  power_perpetual: powerPerpetualModel,
};

/** Returns the model of an instrument. Look it up once if it is valued in many scenarios. */
export function perpetualModelOf({ kind }: CurvedPerpetual): PerpetualModel<CurvedPerpetual> {
  return models[kind];
}

/**
 * Computes model price and Greeks per unit of contract size, in quote currency, without interest. The volatility is per
 * year.
 */
export function curvedPerpetualValue(
  instrument: CurvedPerpetual,
  index: number,
  volatility: number,
): PerpetualOptionValue {
  return perpetualModelOf(instrument).value(instrument, index, volatility);
}

/** Computes the model price in the unit of the instrument's mark: quote currency if linear, coin if inverse. */
export function curvedPerpetualMark(
  instrument: CurvedPerpetual,
  index: number,
  volatility: number,
  model = perpetualModelOf(instrument),
): number {
  return inMarkUnit(instrument, model.price(instrument, index, volatility), index);
}

/**
 * Returns the payoff that funding compares the mark with, in the unit of the mark: the payoff of the option, or index ^
 * power.
 */
export function fundingPayoff(instrument: CurvedPerpetual, index: number): number {
  return perpetualModelOf(instrument).fundingPayoff(instrument, index);
}

/**
 * Returns the mark after the index was multiplied. Options keep their distance from the model, power perpetuals their
 * ratio to it.
 */
export function movedCurvedMark(quoted: QuotedInstrument, instrument: CurvedPerpetual, multiplier: number): number {
  const { markPrice, forwardPrice, markVolatility } = quoted;
  const model = perpetualModelOf(instrument);
  return model.movedMark(instrument, markPrice, forwardPrice, markVolatility ?? Number.NaN, multiplier);
}

const volatilityScratch = createScratch();

/** Computes the volatility per year in each scenario, after the moves of the scan at the instrument's mean life. */
function scenarioVolatilities(
  quoted: QuotedInstrument,
  days: number,
  set: ScenarioSet,
  scan: ScanParameters,
): ScannedVolatility {
  const volatility = quoted.markVolatility ?? Number.NaN;
  const up = movedVolatility(volatility, days, 1, scan);
  const down = movedVolatility(volatility, days, -1, scan);
  const column = volatilityScratch(set.scenarioCount);
  for (let s = 0; s < set.scenarioCount; s += 1) {
    const state = set.volatilityState[s]!;
    column[s] = state === 0 ? volatility : state > 0 ? up : down;
  }
  return { none: volatility, up, down, column };
}

/**
 * Writes the risk array of a perpetual option or power perpetual to out[offset ...]: the loss of one long contract in
 * each scenario, in the settlement currency; see writeRiskArray. The index moves with the price, S' = S (1 + m), and
 * the volatility like that of an option with the mean life as its tenor. Interest is 0. Inverse contracts lose size x
 * (V/S - V'/S') coin.
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
  const { scenarioCount: count, priceMultiplier } = set;
  const model = perpetualModelOf(instrument);
  const volatility = scenarioVolatilities(quoted, model.meanLifeDays(instrument), set, scan);
  model.writePrices(out, offset, instrument, index, set, volatility);
  if (instrument.settlement === "inverse") {
    for (let s = 0; s < count; s += 1) out[offset + s] = out[offset + s]! / (index * priceMultiplier[s]!);
  }
  const value = out[offset + set.noMoveIndex]!;
  for (let s = 0; s < count; s += 1) out[offset + s] = instrument.contractSize * (value - out[offset + s]!);
}

/** Says in words why no value can be computed in the scenarios, or returns null if it can. */
export function findCurvedFault(instrument: CurvedPerpetual, volatility: number, scan: ScanParameters): string | null {
  const { fundingPeriodDays } = instrument;
  if (!(fundingPeriodDays > 0)) return `funding_period_days ${fundingPeriodDays}: above 0`;
  return perpetualModelOf(instrument).findFault(instrument, volatility, scan);
}
