import { DAYS_PER_YEAR, daysToExpiry } from "../arrays/index.ts";
import type { MarketSnapshot, OptionInstrument, QuotedInstrument } from "../model/index.ts";
import { black76Price, inverseOptionPrice } from "../pricing/index.ts";

/**
 * The snapshot with one underlying at `multiplier` times its price and all else equal: its index, its coin as a currency,
 * and the forwards and marks of its instruments move in proportion; option marks are revalued at unchanged volatility and
 * keep their distance from the model, but never fall below 0. Ids and times stay: it answers "what if", it is no new market.
 */
export function moveUnderlying(snapshot: MarketSnapshot, underlying: string, multiplier: number): MarketSnapshot {
  return {
    ...snapshot,
    currencies: snapshot.currencies.map((entry) =>
      entry.currency === underlying ? { ...entry, priceUsd: entry.priceUsd * multiplier } : entry,
    ),
    underlyings: snapshot.underlyings.map((state) =>
      state.underlying === underlying ? { ...state, indexPrice: state.indexPrice * multiplier } : state,
    ),
    instruments: snapshot.instruments.map((quoted) =>
      quoted.instrument.underlying === underlying ? moveQuotedInstrument(quoted, multiplier, snapshot.asOfMs) : quoted,
    ),
  };
}

/** One instrument of the moved underlying, see moveUnderlying. */
export function moveQuotedInstrument(quoted: QuotedInstrument, multiplier: number, asOfMs: number): QuotedInstrument {
  if (multiplier === 1) return quoted;
  const { instrument, markVolatility } = quoted;
  const forwardPrice = quoted.forwardPrice * multiplier;
  if (instrument.kind !== "option") return { ...quoted, forwardPrice, markPrice: quoted.markPrice * multiplier };
  if (markVolatility === null) return { ...quoted, forwardPrice };
  const before = modelMark(instrument, quoted.forwardPrice, markVolatility, asOfMs);
  const after = modelMark(instrument, forwardPrice, markVolatility, asOfMs);
  return { ...quoted, forwardPrice, markPrice: Math.max(0, after + (quoted.markPrice - before)) };
}

/** Black-76 in the unit of an option's mark: quote currency when linear, coin when inverse. */
function modelMark(option: OptionInstrument, forward: number, volatility: number, asOfMs: number): number {
  const sign = option.optionType === "call" ? 1 : -1;
  const years = daysToExpiry(option, asOfMs) / DAYS_PER_YEAR;
  const price = option.settlement === "inverse" ? inverseOptionPrice : black76Price;
  return price(sign, forward, option.strike, years, volatility, 1);
}
