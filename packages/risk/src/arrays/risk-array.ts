import { expiryMsOf, type Instrument, type QuotedInstrument, type ScanParameters } from "../model/index.ts";
import { black76IntoScenarios } from "../pricing/index.ts";
import { movedVolatility, type ScenarioSet } from "../scenarios/index.ts";
import { createScratch } from "./scratch.ts";

const totalVolatilityScratch = createScratch();

export const MS_PER_DAY = 86_400_000;
export const DAYS_PER_YEAR = 365;

/** Days until an instrument expires, from the snapshot's time on; Infinity for one that never does. */
export function daysToExpiry(instrument: Instrument, asOfMs: number): number {
  return (expiryMsOf(instrument) - asOfMs) / MS_PER_DAY;
}

/**
 * Writes the risk array of one instrument to out[offset ...]: the loss (positive) of one long contract in each scenario,
 * in its settlement currency, before the weight of the scenario. A short contract is its exact negative, and the scenario
 * without a move is exactly 0.
 *
 * The forward moves with the price, F' = F (1 + m). Linear: futures lose size x (P - P'), options size x (V - V') with V
 * Black-76 on the forward. Inverse, in coin: futures size x (1/P' - 1/P), options size x (V/F - V'/F') (METHODS 3.3 item 2,
 * 11). Interest is 0. Options need a volatility of at least 0 and must not have expired.
 */
export function writeRiskArray(
  out: Float64Array,
  offset: number,
  quoted: QuotedInstrument,
  set: ScenarioSet,
  scan: ScanParameters,
  asOfMs: number,
): void {
  const { instrument } = quoted;
  const inverse = instrument.settlement === "inverse";
  const count = set.scenarioCount;
  if (instrument.kind !== "option") {
    const price = quoted.markPrice;
    const size = inverse ? instrument.contractSize / price : instrument.contractSize * price;
    for (let s = 0; s < count; s += 1) {
      const move = set.priceMove[s]!;
      out[offset + s] = 0 - size * (inverse ? move / set.priceMultiplier[s]! : move);
    }
    return;
  }
  const days = daysToExpiry(instrument, asOfMs);
  const rootYears = Math.sqrt(days / DAYS_PER_YEAR);
  const volatility = quoted.markVolatility ?? Number.NaN;
  const up = movedVolatility(volatility, days, 1, scan) * rootYears;
  const down = movedVolatility(volatility, days, -1, scan) * rootYears;
  const unmoved = volatility * rootYears;
  const totalVolatility = totalVolatilityScratch(count);
  for (let s = 0; s < count; s += 1) {
    const state = set.volatilityState[s]!;
    totalVolatility[s] = state === 0 ? unmoved : state > 0 ? up : down;
  }
  const optionSign = instrument.optionType === "call" ? 1 : -1;
  const { priceMultiplier, logPriceMultiplier } = set;
  const { forwardPrice } = quoted;
  black76IntoScenarios(
    out,
    offset,
    count,
    optionSign,
    forwardPrice,
    instrument.strike,
    1,
    priceMultiplier,
    logPriceMultiplier,
    totalVolatility,
  );
  if (inverse) {
    for (let s = 0; s < count; s += 1) {
      out[offset + s] = out[offset + s]! / (forwardPrice * priceMultiplier[s]!);
    }
  }
  const value = out[offset + set.noMoveIndex]!;
  for (let s = 0; s < count; s += 1) out[offset + s] = instrument.contractSize * (value - out[offset + s]!);
}

/** Risk arrays of many instruments, one after another in a buffer that grows; an offset stays valid when it does. */
export interface RiskArrays {
  buffer: Float64Array;
  used: number;
}

/** An empty buffer with room for `capacity` numbers before it has to grow. */
export function createRiskArrays(capacity: number): RiskArrays {
  return { buffer: new Float64Array(capacity), used: 0 };
}

/** Reserves room for one risk array and returns its offset. */
export function reserveRiskArray(arrays: RiskArrays, scenarioCount: number): number {
  const offset = arrays.used;
  arrays.used += scenarioCount;
  if (arrays.used > arrays.buffer.length) {
    const grown = new Float64Array(Math.max(arrays.used, 2 * arrays.buffer.length));
    grown.set(arrays.buffer);
    arrays.buffer = grown;
  }
  return offset;
}
