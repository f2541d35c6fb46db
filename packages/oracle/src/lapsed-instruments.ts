import type { LapsedInstrument, MarketSnapshot, QuotedInstrument } from "@plimsoll/risk";
import type { OracleParameters } from "./model.ts";

/**
 * What the snapshot before knew of instruments that have no mark now: they have expired, or their source no longer quotes them.
 * What is held of them until it is settled is counted at their last mark, so it stays known for a while.
 */
export function keepLapsed(
  previous: MarketSnapshot | null,
  instruments: ReadonlyMap<string, QuotedInstrument>,
  asOfMs: number,
  { lapsedKeptMs, lapsedPerSnapshot }: OracleParameters,
): LapsedInstrument[] {
  if (previous === null) return [];
  const indexPrices = new Map(previous.underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const last = previous.instruments.flatMap((quoted): LapsedInstrument[] => {
    const indexPrice = indexPrices.get(quoted.instrument.underlying);
    return indexPrice === undefined ? [] : [{ quoted, indexPrice, markedAtMs: previous.asOfMs }];
  });
  const kept = [...last, ...(previous.lapsed ?? [])].filter(
    ({ quoted, markedAtMs }) => !instruments.has(quoted.instrument.instrumentId) && asOfMs - markedAtMs <= lapsedKeptMs,
  );
  return kept
    .sort((a, b) => b.markedAtMs - a.markedAtMs || compareIds(a, b))
    .slice(0, lapsedPerSnapshot)
    .sort(compareIds);
}

function compareIds({ quoted: a }: LapsedInstrument, { quoted: b }: LapsedInstrument): number {
  return a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1;
}
