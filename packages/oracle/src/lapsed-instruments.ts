import {
  expiryMsOf,
  type LapsedInstrument,
  type MarketSnapshot,
  type QuotedInstrument,
  type UnderlyingState,
} from "@plimsoll/risk";
import type { OracleParameters, UnderlyingQuotes } from "./model.ts";
import { completeAverage, statedSettlements } from "./settlement-averages.ts";

/**
 * The quotes, underlyings and instruments of the new snapshot. Instruments of the previous snapshot that are not in it
 * have lapsed.
 */
interface Present {
  readonly quotes: readonly UnderlyingQuotes[];
  readonly underlyings: readonly UnderlyingState[];
  readonly instruments: ReadonlyMap<string, QuotedInstrument>;
}

/**
 * Collects the instruments of the previous snapshot that have no mark now, because they expired or their source no
 * longer quotes them. Positions in them depend on this until they are settled, so each is kept for `lapsedKeptMs` after
 * its last mark or its expiry, whichever is later. An expired one gets its settlement price as soon as it is known; see
 * `settlementPriceOf`.
 */
export function keepLapsed(
  previous: MarketSnapshot | null,
  present: Present,
  asOfMs: number,
  parameters: OracleParameters,
): LapsedInstrument[] {
  if (previous === null) return [];
  const indexPrices = new Map(previous.underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const last = previous.instruments.flatMap((quoted): LapsedInstrument[] => {
    const indexPrice = indexPrices.get(quoted.instrument.underlying);
    return indexPrice === undefined ? [] : [{ quoted, indexPrice, markedAtMs: previous.asOfMs }];
  });
  const kept = [...last, ...(previous.lapsed ?? [])].filter(
    (entry) =>
      !present.instruments.has(entry.quoted.instrument.instrumentId) &&
      asOfMs - lapsedAtMs(entry) <= parameters.lapsedKeptMs,
  );
  const stated = statedSettlements(present.quotes);
  return kept
    .sort((a, b) => b.markedAtMs - a.markedAtMs || compareIds(a, b))
    .slice(0, parameters.lapsedPerSnapshot)
    .sort(compareIds)
    .map((entry) => {
      const settlementPrice = settlementPriceOf(entry, stated, previous, present, asOfMs, parameters);
      return settlementPrice === undefined ? entry : { ...entry, settlementPrice };
    });
}

/**
 * Returns the time from which the keeping of a lapsed instrument is counted: the later of its last mark and its expiry.
 */
function lapsedAtMs({ quoted, markedAtMs }: LapsedInstrument): number {
  const expiryMs = expiryMsOf(quoted.instrument);
  return Number.isFinite(expiryMs) ? Math.max(markedAtMs, expiryMs) : markedAtMs;
}

/**
 * Finds the settlement price of an expired instrument. A price that a source states for its expiry comes first, now or
 * earlier. Otherwise the first snapshot after the expiry computes the average over the settlement window, once and for
 * good; this needs a previous snapshot no older than `marksMaxAgeMs` and a price of good or widened quality. The result
 * is undefined if it has not expired or the price is not known.
 */
function settlementPriceOf(
  { quoted: { instrument }, settlementPrice }: LapsedInstrument,
  stated: ReadonlyMap<string, number>,
  previous: MarketSnapshot,
  { underlyings }: Present,
  asOfMs: number,
  { marksMaxAgeMs }: OracleParameters,
): number | undefined {
  const expiryMs = expiryMsOf(instrument);
  if (expiryMs > asOfMs) return undefined;
  const known = stated.get(`${instrument.underlying} ${expiryMs}`) ?? settlementPrice;
  if (known !== undefined || expiryMs <= previous.asOfMs) return known;
  const state = underlyings.find(({ underlying }) => underlying === instrument.underlying);
  const isSound = state?.quality === "good" || state?.quality === "widened";
  if (!isSound || asOfMs - previous.asOfMs > marksMaxAgeMs) return undefined;
  return completeAverage(previous, instrument, state.indexPrice);
}

function compareIds({ quoted: a }: LapsedInstrument, { quoted: b }: LapsedInstrument): number {
  return a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1;
}
