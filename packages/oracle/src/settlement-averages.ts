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
 * Extends a source's settlement averages from the time of observation to the snapshot's time. The part of the window
 * between the two counts at the agreed index price, in US dollars per unit. Averages of expired windows are left out.
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
 * Collects the settlement prices that sources state after an expiry, keyed by underlying and expiry: the average over
 * the whole window, or the settlement price if the instrument has no window. Of several statements the newest counts.
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
 * Completes the settlement average of an instrument: the snapshot's average counts for the part of the window that has
 * passed, the index price (US dollars per unit) for the rest. The result is undefined if the snapshot has no such
 * average.
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
 * Returns the US dollar value of the currency that an average is in. That is the dollar if any instrument of the expiry
 * is quoted in it, otherwise the first quote currency. The result is 1 if that currency has no price, as nothing
 * settles in it then.
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

/**
 * Returns the length of an expiry's settlement window in milliseconds, from the first instrument that states one, or 0
 * if none does.
 */
function windowOf({ instruments }: SourceMarks, expiryMs: number): number {
  for (const { instrument } of instruments) {
    if (!isDated(instrument) || instrument.expiryMs !== expiryMs) continue;
    if (instrument.settlementWindowMinutes !== undefined) return settlementWindowMs(instrument);
  }
  return 0;
}
