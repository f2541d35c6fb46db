import {
  expiryMsOf,
  type LapsedInstrument,
  type MarketSnapshot,
  type QuotedInstrument,
  type UnderlyingState,
} from "@plimsoll/risk";
import type { OracleParameters, UnderlyingQuotes } from "./model.ts";
import { completeAverage, statedSettlements } from "./settlement-averages.ts";

/** What a snapshot has now, beside which the lapsed instruments are those that it lacks. */
interface Present {
  readonly quotes: readonly UnderlyingQuotes[];
  readonly underlyings: readonly UnderlyingState[];
  readonly instruments: ReadonlyMap<string, QuotedInstrument>;
}

/**
 * What the snapshot before knew of instruments that have no mark now: they have expired, or their source no longer quotes them.
 * What is held of them until it is settled rests on it, so it stays known for a while: since the last mark, and since the expiry
 * of what has one. Of what has expired the price that it settles at is told as soon as it is known; see `settlementPriceOf`.
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

/** The time from which it is counted how long a lapsed instrument is kept. */
function lapsedAtMs({ quoted, markedAtMs }: LapsedInstrument): number {
  const expiryMs = expiryMsOf(quoted.instrument);
  return Number.isFinite(expiryMs) ? Math.max(markedAtMs, expiryMs) : markedAtMs;
}

/**
 * The price that an expired instrument settles at: what a source states for its expiry, now or earlier; else the average over its
 * settlement window, reckoned once by the first snapshot after the expiry. That needs a snapshot from within the window that is
 * no older than marks are believed for, and a price that all severities may rest on, since what is reckoned stays. Undefined
 * where it has not expired or the price is not known.
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
