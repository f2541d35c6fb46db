import {
  expiryMsOf,
  type Instrument,
  isDated,
  type MarketSnapshot,
  type QuotedInstrument,
  type SettlementAverage,
  settlementWindowMs,
} from "@plimsoll/risk";
import type { SourceMarks, UnderlyingQuotes } from "./model.ts";

/**
 * The averages of a source's marks as they are at the snapshot's time: what has passed of a window since they were observed
 * counts at the agreed index, US dollars per unit. Those of expired windows are left out.
 */
export function extendAverages(
  marks: SourceMarks,
  indexPrice: number,
  currencyPrices: ReadonlyMap<string, number>,
  asOfMs: number,
): SettlementAverage[] {
  const alive = (marks.settlementAverages ?? []).filter(({ expiryMs }) => expiryMs > asOfMs);
  return alive.map((average) => {
    const windowMs = windowOf(marks, average.expiryMs);
    const observedMs = Math.max(0, windowMs - (average.expiryMs - marks.observedAtMs));
    const passedMs = Math.max(0, windowMs - (average.expiryMs - asOfMs));
    if (!(passedMs > observedMs)) return average;
    const index = indexPrice / averageUnitUsd(marks.instruments, average, currencyPrices);
    const sum = average.averagePrice * observedMs + index * (passedMs - observedMs);
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
 * at an index price, US dollars per unit. Undefined where the snapshot has no average of it.
 */
export function completeAverage(
  { settlementAverages = [], instruments, currencies, asOfMs }: MarketSnapshot,
  instrument: Instrument,
  indexPrice: number,
): number | undefined {
  const expiryMs = expiryMsOf(instrument);
  const average = settlementAverages.find(
    ({ underlying, expiryMs: at }) => underlying === instrument.underlying && at === expiryMs,
  );
  const windowMs = settlementWindowMs(instrument);
  const passedMs = windowMs - (expiryMs - asOfMs);
  if (average === undefined || !(passedMs > 0)) return undefined;
  const prices = new Map(currencies.map(({ currency, priceUsd }) => [currency, priceUsd]));
  const index = indexPrice / averageUnitUsd(instruments, average, prices);
  return (average.averagePrice * passedMs + index * (windowMs - passedMs)) / windowMs;
}

/**
 * US dollars per unit of the currency that an average is in: dollars where an instrument of its expiry is quoted in them, else
 * what these are quoted in. 1 where that has no price, as nothing settles in it then.
 */
function averageUnitUsd(
  instruments: readonly QuotedInstrument[],
  { underlying, expiryMs }: SettlementAverage,
  currencyPrices: ReadonlyMap<string, number>,
): number {
  const quotedIn = instruments.flatMap(({ instrument }) =>
    instrument.underlying === underlying && expiryMsOf(instrument) === expiryMs ? [instrument.quoteCurrency] : [],
  );
  const [first] = quotedIn;
  return first === undefined || quotedIn.includes("USD") ? 1 : (currencyPrices.get(first) ?? 1);
}

/** Length of the window of an expiry, from the first instrument that states one; 0 when none does. */
function windowOf({ instruments }: SourceMarks, expiryMs: number): number {
  for (const { instrument } of instruments) {
    if (!isDated(instrument) || instrument.expiryMs !== expiryMs) continue;
    if (instrument.settlementWindowMinutes !== undefined) return settlementWindowMs(instrument);
  }
  return 0;
}
