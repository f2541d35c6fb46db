import {
  expiryMsOf,
  isCurvedPerpetual,
  isDatedOption,
  type LapsedInstrument,
  type MarketSnapshot,
  priceCurrency,
  type QuotedInstrument,
  type UnderlyingState,
} from "../../model/index.ts";
import { movedCurvedMark } from "../../perpetuals/index.ts";
import { modelMark } from "../../settlement/blend.ts";
import { blendSettlement, movedShare, settlementMultiplier, varianceYears } from "../../settlement/index.ts";

/**
 * Returns the snapshot with one underlying at `multiplier` times its price and all else equal. Its index price, its
 * coin as a currency, and the forwards and marks of its instruments move in proportion. Option marks are revalued at
 * unchanged volatility. They keep their distance from the model, but never fall below 0. Instruments that are quoted in
 * the moved coin itself stay, as no margin rests on them (findQuoteFault). Ids and times stay, because the result
 * answers "what if" and is no new market.
 */
export function moveUnderlying(snapshot: MarketSnapshot, underlying: string, multiplier: number): MarketSnapshot {
  return {
    ...snapshot,
    currencies: snapshot.currencies.map((entry) =>
      entry.currency === underlying ? { ...entry, priceUsd: entry.priceUsd * multiplier } : entry,
    ),
    underlyings: snapshot.underlyings.map((state) =>
      state.underlying === underlying ? moveState(state, multiplier) : state,
    ),
    instruments: snapshot.instruments.map((quoted) =>
      quoted.instrument.underlying === underlying ? moveListed(quoted, multiplier, snapshot) : quoted,
    ),
  };
}

/** Moves the state of an underlying. A stablecoin that was taken at par is no longer at par once it has moved. */
export function moveState({ atPar, ...state }: UnderlyingState, multiplier: number): UnderlyingState {
  const staysAtPar = atPar !== undefined && (multiplier === 1 || atPar !== state.underlying);
  return { ...state, indexPrice: state.indexPrice * multiplier, ...(staysAtPar && { atPar }) };
}

/**
 * Moves an instrument of a snapshot, whose forward and mark are as its source has them. Inside its settlement window
 * the forward moves in full, and the mark by the share of the average that is still to come. The volatility moves by
 * `volatilityMultiplier`.
 */
export function moveListed(
  quoted: QuotedInstrument,
  multiplier: number,
  snapshot: MarketSnapshot,
  volatilityMultiplier = 1,
): QuotedInstrument {
  const blended = blendSettlement(quoted, snapshot.settlementAverages ?? [], snapshot.asOfMs);
  const listed = blended === quoted ? quoted : { ...blended, markPrice: quoted.markPrice };
  const moved = moveQuotedInstrument(listed, multiplier, snapshot.asOfMs, volatilityMultiplier);
  if (moved === quoted) return quoted;
  const { markPrice, markVolatility } = moved;
  return { ...quoted, forwardPrice: quoted.forwardPrice * multiplier, markPrice, markVolatility };
}

/**
 * Moves one instrument of the moved underlying; see moveUnderlying. Inside its settlement window it must already be
 * blended.
 */
export function moveQuotedInstrument(
  quoted: QuotedInstrument,
  multiplier: number,
  asOfMs: number,
  volatilityMultiplier = 1,
): QuotedInstrument {
  if (multiplier === 1 && volatilityMultiplier === 1) return quoted;
  const { instrument, markVolatility } = quoted;
  const forwardMultiplier = settlementMultiplier(quoted, multiplier);
  const forwardPrice = quoted.forwardPrice * forwardMultiplier;
  if (isCurvedPerpetual(instrument)) {
    return { ...quoted, forwardPrice, markPrice: movedCurvedMark(quoted, instrument, multiplier) };
  }
  const moved = { ...quoted, forwardPrice, ...movedShare(quoted, multiplier) };
  if (!isDatedOption(instrument)) return { ...moved, markPrice: quoted.markPrice * forwardMultiplier };
  if (markVolatility === null) return moved;
  const years = varianceYears(quoted, asOfMs);
  const before = modelMark(instrument, quoted.forwardPrice, markVolatility, years);
  const movedVolatility = markVolatility * volatilityMultiplier;
  const yearsAfter = quoted.movingShare === undefined ? years : varianceYears(moved, asOfMs);
  const after = modelMark(instrument, forwardPrice, movedVolatility, yearsAfter);
  return { ...moved, markVolatility: movedVolatility, markPrice: Math.max(0, after + (quoted.markPrice - before)) };
}

/**
 * Returns an option of a snapshot at another time, with the same forward, volatility and distance of its mark from the
 * model. Other instruments, and options without a volatility, are returned unchanged.
 */
function ageListed(quoted: QuotedInstrument, snapshot: MarketSnapshot, asOfMs: number): QuotedInstrument {
  const { instrument, markVolatility, forwardPrice } = quoted;
  if (!isDatedOption(instrument) || markVolatility === null) return quoted;
  const blended = blendSettlement(quoted, snapshot.settlementAverages ?? [], snapshot.asOfMs);
  const before = modelMark(instrument, forwardPrice, markVolatility, varianceYears(blended, snapshot.asOfMs));
  const after = modelMark(instrument, forwardPrice, markVolatility, varianceYears(blended, asOfMs));
  return { ...quoted, markPrice: Math.max(0, after + (quoted.markPrice - before)) };
}

/** Returns a snapshot at another time, with the same prices and volatilities. Only options are worth something else. */
export function ageMarket(snapshot: MarketSnapshot, asOfMs: number): MarketSnapshot {
  return {
    ...snapshot,
    asOfMs,
    instruments: snapshot.instruments.map((quoted) => ageListed(quoted, snapshot, asOfMs)),
  };
}

/**
 * Settles what has expired by a snapshot's time at the index price, as if it had stayed where it is. The instruments
 * are no longer quoted, and positions in them count at what they pay.
 */
export function settleExpired(snapshot: MarketSnapshot): MarketSnapshot {
  const { instruments, underlyings, currencies, lapsed = [], asOfMs } = snapshot;
  const isExpired = ({ instrument }: QuotedInstrument) => expiryMsOf(instrument) <= asOfMs;
  if (!instruments.some(isExpired)) return snapshot;
  const indexPrices = new Map(underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const pricesUsd = new Map(currencies.map(({ currency, priceUsd }) => [currency, priceUsd]));
  const settled = instruments.filter(isExpired).map((quoted): LapsedInstrument => {
    const indexPrice = indexPrices.get(quoted.instrument.underlying) ?? Number.NaN;
    const settlementPrice = indexPrice / (pricesUsd.get(priceCurrency(quoted.instrument)) ?? Number.NaN);
    return { quoted, indexPrice, markedAtMs: asOfMs, settlementPrice };
  });
  const idOf = ({ quoted }: LapsedInstrument) => quoted.instrument.instrumentId;
  return {
    ...snapshot,
    instruments: instruments.filter((quoted) => !isExpired(quoted)),
    lapsed: [...lapsed, ...settled].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)),
  };
}
