import { createScratch, daysToExpiry, writeFutureArray } from "../../arrays/index.ts";
import {
  type CurvedPerpetual,
  isCurvedPerpetual,
  isDatedOption,
  type QuotedInstrument,
  type ScanParameters,
} from "../../model/index.ts";
import { exp, logRatio, pow } from "../../numbers/index.ts";
import { curvedPerpetualMark, perpetualModelOf } from "../../perpetuals/index.ts";
import { black76IntoScenarios, black76Price } from "../../pricing/index.ts";
import { settlementMoves, varianceYears } from "../../settlement/index.ts";
import { sliceTotalVariance, type VolatilitySlice } from "../../volatility/index.ts";
import type { JointColumns } from "../market/joint-market.ts";

/** Tenor of the volatility index that histories are of. */
const REFERENCE_DAYS = 30;

const volatilityScratch = createScratch();

/** What an instrument is revalued with besides its quote. */
export interface JointValuation {
  readonly columns: JointColumns;
  /** Scenarios from the first to before the last of these are stresses: their volatility moves are for all tenors alike. */
  readonly stressFrom: number;
  readonly stressTo: number;
  readonly scan: ScanParameters;
  readonly asOfMs: number;
  /** The smile of the instrument's expiry; null where volatilities stick to strikes, or none is known. */
  readonly smile: VolatilitySlice | null;
}

/**
 * Writes the loss of one long contract in each joint scenario to out[offset ...], settlement currency, by full
 * revaluation: forwards in proportion to the index, options by Black-76 at their moved volatility. No time passes. A
 * volatility moves by exp(move x (30 / days)^p), with the powers and the least days of the underlying's scan, as
 * volatility scans do (docs/sources.md, Volatility moves by tenor): short tenors move more than the index of 30 days.
 * Stresses move all tenors by the same factor.
 */
export function writeJointArray(
  out: Float64Array,
  offset: number,
  quoted: QuotedInstrument,
  valuation: JointValuation,
): void {
  const { instrument } = quoted;
  const { columns, asOfMs } = valuation;
  const count = columns.scenarioCount;
  const inverse = instrument.settlement === "inverse";
  if (isCurvedPerpetual(instrument)) {
    writeCurved(out, offset, quoted, instrument, valuation);
    return;
  }
  const moves = settlementMoves(columns, quoted.movingShare);
  if (!isDatedOption(instrument)) {
    writeFutureArray(out, offset, quoted, moves, count);
    return;
  }
  const { forwardPrice: forward, markVolatility } = quoted;
  const { strike, contractSize } = instrument;
  const years = varianceYears(quoted, asOfMs);
  const volatility = markVolatility ?? Number.NaN;
  const totals = movedVolatilities(volatility * Math.sqrt(years), daysToExpiry(instrument, asOfMs), valuation);
  if (valuation.smile !== null)
    stickToDelta(totals, logRatio(strike, forward), moves.logPriceMultiplier, valuation.smile, count);
  const sign = instrument.optionType === "call" ? 1 : -1;
  black76IntoScenarios(
    out,
    offset,
    count,
    sign,
    forward,
    strike,
    1,
    moves.priceMultiplier,
    moves.logPriceMultiplier,
    totals,
  );
  const now = black76Price(sign, forward, strike, years, volatility, 1);
  const value = inverse ? now / forward : now;
  for (let s = 0; s < count; s += 1) {
    const moved = inverse ? out[offset + s]! / (forward * moves.priceMultiplier[s]!) : out[offset + s]!;
    out[offset + s] = contractSize * (value - moved);
  }
}

/** A volatility, or total volatility, of an instrument with so many days left, in each scenario. */
function movedVolatilities(volatility: number, days: number, valuation: JointValuation): Float64Array {
  const factors = volatilityFactors(days, valuation);
  const moved = volatilityScratch(factors.length);
  for (let s = 0; s < factors.length; s += 1) moved[s] = volatility * factors[s]!;
  return moved;
}

/** What the volatilities of a tenor are multiplied by in each scenario: the same for all strikes and at every price. */
function volatilityFactors(days: number, { columns, stressFrom, stressTo, scan }: JointValuation): Float64Array {
  const power = days < REFERENCE_DAYS ? scan.shortTermPower : scan.longTermPower;
  const tenor = pow(REFERENCE_DAYS / Math.max(days, scan.minimumDaysToExpiry), power);
  const { volatilityLogMove, volatilityFactorsByTenor } = columns;
  let factors = volatilityFactorsByTenor.get(tenor);
  if (factors === undefined) {
    factors = volatilityLogMove.map((move, s) => exp((s >= stressFrom && s < stressTo ? 1 : tenor) * move));
    volatilityFactorsByTenor.set(tenor, factors);
  }
  return factors;
}

/** Multiplies by what the smile says of the strike as far from the moved forward, over what it says of the strike now. */
function stickToDelta(
  totals: Float64Array,
  logMoneyness: number,
  logMoves: Float64Array,
  smile: VolatilitySlice,
  count: number,
): void {
  const here = sliceTotalVariance(smile, logMoneyness);
  if (!(here > 0)) return;
  for (let s = 0; s < count; s += 1) {
    const there = sliceTotalVariance(smile, logMoneyness - logMoves[s]!);
    totals[s] = totals[s]! * Math.sqrt(Math.max(0, there) / here);
  }
}

/** Perpetual options and power perpetuals by their model, one scenario at a time; their tenor is their mean life. */
function writeCurved(
  out: Float64Array,
  offset: number,
  { forwardPrice: index, markVolatility }: QuotedInstrument,
  instrument: CurvedPerpetual,
  valuation: JointValuation,
): void {
  const volatility = markVolatility ?? Number.NaN;
  const { priceMultiplier, scenarioCount: count } = valuation.columns;
  const model = perpetualModelOf(instrument);
  const moved = movedVolatilities(volatility, model.meanLifeDays(instrument), valuation);
  const value = curvedPerpetualMark(instrument, index, volatility, model);
  for (let s = 0; s < count; s += 1) {
    const there = curvedPerpetualMark(instrument, index * priceMultiplier[s]!, moved[s]!, model);
    out[offset + s] = instrument.contractSize * (value - there);
  }
}
