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

/** The tenor in days of the volatility index in the histories. */
const REFERENCE_DAYS = 30;

const volatilityScratch = createScratch();

/** The inputs that an instrument is revalued with besides its quote. */
export interface JointValuation {
  readonly columns: JointColumns;
  /** Scenarios `stressFrom` to `stressTo` - 1 are stresses. Their volatility moves are the same for all tenors. */
  readonly stressFrom: number;
  readonly stressTo: number;
  readonly scan: ScanParameters;
  readonly asOfMs: number;
  /** The smile of the instrument's expiry. It is null if volatilities stick to strikes, or if no smile is known. */
  readonly smile: VolatilitySlice | null;
}

/**
 * Writes the loss of one long contract in each joint scenario to out[offset ...], in settlement currency. It revalues
 * in full: forwards in proportion to the index price, and options by Black-76 at their moved volatility. No time
 * passes. A volatility moves by exp(move x (30 / days)^p), as in volatility scans (docs/sources.md, Volatility moves by
 * tenor). The powers and the least days are those of the underlying's scan. Short tenors so move more than the index of
 * 30 days. Stresses move all tenors by the same factor.
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

/** Returns a volatility, or total volatility, in each scenario, for an instrument with `days` left. */
function movedVolatilities(volatility: number, days: number, valuation: JointValuation): Float64Array {
  const factors = volatilityFactors(days, valuation);
  const moved = volatilityScratch(factors.length);
  for (let s = 0; s < factors.length; s += 1) moved[s] = volatility * factors[s]!;
  return moved;
}

/**
 * Returns the factor on the volatilities of a tenor in each scenario. It is the same for all strikes and at every
 * price.
 */
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

/**
 * Moves total volatilities along the smile, in place. Each is multiplied by the smile's volatility at the strike's
 * distance from the moved forward, over the one at its present distance.
 */
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

/**
 * Writes the losses of a perpetual option or power perpetual by its model, one scenario at a time. Its tenor is its
 * mean life.
 */
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
