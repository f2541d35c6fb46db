import { openPricingKernel, type PricingKernel } from "../kernel/pricing-kernel.ts";
import {
  expiryMsOf,
  type Instrument,
  isCurvedPerpetual,
  isDatedOption,
  type QuotedInstrument,
  type ScanParameters,
} from "../model/index.ts";
import { logRatio } from "../numbers/exponential.ts";
import { MS_PER_DAY } from "../numbers/time.ts";
import { writeCurvedArray } from "../perpetuals/index.ts";
import { movedVolatility, type ScenarioSet } from "../scenarios/index.ts";
import { settlementMoves, varianceYears } from "../settlement/index.ts";

/** Computes the days from the snapshot's time until an instrument expires, or Infinity for one that never does. */
export function daysToExpiry(instrument: Instrument, asOfMs: number): number {
  return (expiryMsOf(instrument) - asOfMs) / MS_PER_DAY;
}

/**
 * Writes the risk array of one instrument to out[offset ...]. It is the loss (positive) of one long contract in each
 * scenario, in its settlement currency and before the weight of the scenario. A short contract is its exact negative,
 * and the scenario without a move is exactly 0.
 *
 * The forward moves with the price, F' = F (1 + m), and interest is 0. Linear futures lose size x (P - P'). Linear
 * options lose size x (V - V'), with V from Black-76 on the forward. Inverse contracts lose coin: futures size x (1/P'
 * - 1/P), options size x (V/F - V'/F') (docs/sources.md, Inverse contracts). Options need a volatility of at least 0
 * and must not have expired. Inside a settlement window only the moving share of the blended forward follows the price
 * (`settlement`). `writeCurvedArray` values perpetual options and power perpetuals.
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
  if (isCurvedPerpetual(instrument)) {
    writeCurvedArray(out, offset, quoted, instrument, set, scan);
    return;
  }
  const moves = settlementMoves(set, quoted.movingShare);
  if (!isDatedOption(instrument)) {
    writeFutureArray(out, offset, quoted, moves, count);
    return;
  }
  const days = daysToExpiry(instrument, asOfMs);
  const rootYears = Math.sqrt(varianceYears(quoted, asOfMs));
  const volatility = quoted.markVolatility ?? Number.NaN;
  const up = movedVolatility(volatility, days, 1, scan) * rootYears;
  const down = movedVolatility(volatility, days, -1, scan) * rootYears;
  const pricing = loadScenarios(moves, set);
  pricing.kernel.optionRiskArray(
    pricing.out.address,
    8 * count,
    instrument.optionType === "call" ? 1 : -1,
    quoted.forwardPrice,
    instrument.strike,
    instrument.contractSize,
    inverse ? 1 : 0,
    logRatio(quoted.forwardPrice, instrument.strike),
    up,
    volatility * rootYears,
    down,
    pricing.priceMultiplier.address,
    pricing.logPriceMultiplier.address,
    pricing.volatility.address,
    8 * set.noMoveIndex,
  );
  out.set(pricing.out.values.subarray(0, count), offset);
}

/**
 * Writes the risk array of a future or perpetual in `count` moves of its price: the loss of one long contract, as in
 * `writeRiskArray`.
 */
export function writeFutureArray(
  out: Float64Array,
  offset: number,
  { instrument, markPrice }: QuotedInstrument,
  { priceMove, priceMultiplier }: Pick<ScenarioSet, "priceMove" | "priceMultiplier">,
  count: number,
): void {
  const inverse = instrument.settlement === "inverse";
  const size = inverse ? instrument.contractSize / markPrice : instrument.contractSize * markPrice;
  for (let s = 0; s < count; s += 1) {
    const move = priceMove[s]!;
    out[offset + s] = 0 - size * (inverse ? move / priceMultiplier[s]! : move);
  }
}

/**
 * Returns the pricing kernel with the moves and states of a set in its columns. It does not copy them again if the
 * columns already hold them.
 */
function loadScenarios(
  moves: Pick<ScenarioSet, "priceMultiplier" | "logPriceMultiplier">,
  set: ScenarioSet,
): PricingKernel {
  const pricing = openPricingKernel();
  if (pricing.loadedFrom !== moves) {
    const count = set.scenarioCount;
    pricing.priceMultiplier.values.set(moves.priceMultiplier.subarray(0, count));
    pricing.logPriceMultiplier.values.set(moves.logPriceMultiplier.subarray(0, count));
    pricing.volatility.values.set(set.volatilityState);
    pricing.loadedFrom = moves;
  }
  return pricing;
}
