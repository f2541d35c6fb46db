import { expiryMsOf, type Instrument, type MarketSnapshot, type SettlementAverage } from "@plimsoll/risk";
import type { SourceMarks, UnderlyingQuotes } from "./model.ts";

const MS_PER_MINUTE = 60_000;

/**
 * The averages of a source's marks as they are at the snapshot's time: what has passed of a window since they were observed
 * counts at the agreed index. Those of expired windows are left out.
 */
export function extendAverages(marks: SourceMarks, indexPrice: number, asOfMs: number): SettlementAverage[] {
  const alive = (marks.settlementAverages ?? []).filter(({ expiryMs }) => expiryMs > asOfMs);
  return alive.map((average) => {
    const windowMs = windowOf(marks, average.expiryMs);
    const observedMs = Math.max(0, windowMs - (average.expiryMs - marks.observedAtMs));
    const passedMs = Math.max(0, windowMs - (average.expiryMs - asOfMs));
    if (!(passedMs > observedMs)) return average;
    const sum = average.averagePrice * observedMs + indexPrice * (passedMs - observedMs);
    return { ...average, averagePrice: sum / passedMs };
  });
}

/**
 * The prices that sources state after an expiry, by underlying and expiry: the average over all of its window, or where it has
 * none the price that it settles at. Of several statements the newest.
 */
export function statedSettlements(quotes: readonly UnderlyingQuotes[]): ReadonlyMap<string, number> {
  const stated = new Map<string, number>();
  for (const { marks } of quotes) {
    for (const { observedAtMs, settlementAverages = [] } of marks.toSorted((a, b) => a.observedAtMs - b.observedAtMs)) {
      for (const { underlying, expiryMs, averagePrice } of settlementAverages) {
        if (expiryMs <= observedAtMs) stated.set(`${underlying} ${expiryMs}`, averagePrice);
      }
    }
  }
  return stated;
}

/**
 * The average over the whole settlement window of an instrument: that of a snapshot from within the window, with the rest of it
 * at an index price. Undefined where the snapshot has no average of it.
 */
export function completeAverage(
  { settlementAverages = [], asOfMs }: MarketSnapshot,
  instrument: Instrument,
  indexPrice: number,
): number | undefined {
  const expiryMs = expiryMsOf(instrument);
  const average = settlementAverages.find(
    ({ underlying, expiryMs: at }) => underlying === instrument.underlying && at === expiryMs,
  );
  const windowMs = windowMsOf(instrument);
  const passedMs = windowMs - (expiryMs - asOfMs);
  if (average === undefined || !(passedMs > 0)) return undefined;
  return (average.averagePrice * passedMs + indexPrice * (windowMs - passedMs)) / windowMs;
}

/** Length of the window of an expiry, from the first instrument that states one; 0 when none does. */
function windowOf({ instruments }: SourceMarks, expiryMs: number): number {
  for (const { instrument } of instruments) {
    if (expiryMsOf(instrument) === expiryMs && "settlementWindowMinutes" in instrument) return windowMsOf(instrument);
  }
  return 0;
}

function windowMsOf(instrument: Instrument): number {
  return "settlementWindowMinutes" in instrument ? (instrument.settlementWindowMinutes ?? 0) * MS_PER_MINUTE : 0;
}
