import {
  expiryMsOf,
  isDatedOption,
  type MarketSnapshot,
  type OptionInstrument,
  type QuotedInstrument,
  type SettlementAverage,
} from "../model/index.ts";
import { black76Price, inverseOptionPrice } from "../pricing/index.ts";
import { varianceYears, windowShare } from "./window.ts";

/**
 * Returns the snapshot on which positions are valued. Instruments inside their settlement window are valued on the
 * averages so far.
 */
export function blendInWindows(snapshot: MarketSnapshot): MarketSnapshot {
  const { settlementAverages = [], instruments, asOfMs } = snapshot;
  if (settlementAverages.length === 0) return snapshot;
  return { ...snapshot, instruments: instruments.map((quoted) => blendSettlement(quoted, settlementAverages, asOfMs)) };
}

/**
 * Returns an instrument inside its window with the price at which it is expected to settle (docs/sources.md, Derive
 * settlement and interest). That price blends the average so far, for the part of the window that has passed, with the
 * forward for the rest. The mark becomes the value at that price, whatever the mark of its source. The passed part of
 * the average is known, so a mark that leaves it out is wrong by as much as the index has moved.
 *
 * The mark of a future is the blend. The mark of an option is Black-76 on the blend with the remaining variance. An
 * option without a volatility keeps its mark. Before the window, or without an average, the instrument is returned
 * unchanged.
 */
export function blendSettlement(
  quoted: QuotedInstrument,
  averages: readonly SettlementAverage[],
  asOfMs: number,
): QuotedInstrument {
  const { instrument, forwardPrice, markVolatility } = quoted;
  const share = windowShare(instrument, asOfMs);
  if (share === 1 || averages.length === 0) return quoted;
  const expiryMs = expiryMsOf(instrument);
  const average = averages.find((entry) => entry.underlying === instrument.underlying && entry.expiryMs === expiryMs);
  if (average === undefined) return quoted;
  const moving = forwardPrice * share;
  const blend = average.averagePrice * (1 - share) + moving;
  const blended = { ...quoted, forwardPrice: blend, movingShare: moving / blend };
  if (!isDatedOption(instrument)) return { ...blended, markPrice: blend };
  if (markVolatility === null) return blended;
  return { ...blended, markPrice: modelMark(instrument, blend, markVolatility, varianceYears(blended, asOfMs)) };
}

/**
 * Computes Black-76 in the unit of an option's mark: quote currency per unit when linear, coin per unit when inverse.
 */
export function modelMark(option: OptionInstrument, forward: number, volatility: number, years: number): number {
  const sign = option.optionType === "call" ? 1 : -1;
  const price = option.settlement === "inverse" ? inverseOptionPrice : black76Price;
  return price(sign, forward, option.strike, years, volatility, 1);
}

/**
 * Returns the mark of each instrument, which stands for an entry price or a price of a trade that is left out. Inside
 * its settlement window, an instrument is marked on the average so far.
 */
export function marksByInstrument(snapshot: MarketSnapshot): ReadonlyMap<string, number> {
  const { instruments } = blendInWindows(snapshot);
  return new Map(instruments.map(({ instrument, markPrice }) => [instrument.instrumentId, markPrice]));
}
