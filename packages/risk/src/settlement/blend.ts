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

/** The snapshot as positions are valued on it: instruments inside their settlement window on the averages so far. */
export function blendInWindows(snapshot: MarketSnapshot): MarketSnapshot {
  const { settlementAverages = [], instruments, asOfMs } = snapshot;
  if (settlementAverages.length === 0) return snapshot;
  return { ...snapshot, instruments: instruments.map((quoted) => blendSettlement(quoted, settlementAverages, asOfMs)) };
}

/**
 * An instrument inside its window on the price it will settle at (docs/sources.md, Derive settlement and interest): the
 * average so far for the part of the window that has passed, the forward for the rest. Its mark is its value on that
 * price, whatever the mark of its source: what has passed of the average is known, and a mark that leaves it out is off
 * by as much as the index has moved. Of a future it is the blend, of an option Black-76 on it with the variance that is
 * left; an option without a volatility keeps its mark. Before the window, or without an average, the instrument is
 * returned as it is.
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

/** Black-76 in the unit of an option's mark: quote currency when linear, coin when inverse. */
export function modelMark(option: OptionInstrument, forward: number, volatility: number, years: number): number {
  const sign = option.optionType === "call" ? 1 : -1;
  const price = option.settlement === "inverse" ? inverseOptionPrice : black76Price;
  return price(sign, forward, option.strike, years, volatility, 1);
}
