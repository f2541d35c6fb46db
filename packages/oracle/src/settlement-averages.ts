import { expiryMsOf, type SettlementAverage } from "@plimsoll/risk";
import type { SourceMarks } from "./model.ts";

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

/** Length of the window of an expiry, from the first instrument that states one; 0 when none does. */
function windowOf({ instruments }: SourceMarks, expiryMs: number): number {
  for (const { instrument } of instruments) {
    if (expiryMsOf(instrument) !== expiryMs || !("settlementWindowMinutes" in instrument)) continue;
    return (instrument.settlementWindowMinutes ?? 0) * MS_PER_MINUTE;
  }
  return 0;
}
