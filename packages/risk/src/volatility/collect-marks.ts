import { daysToExpiry } from "../arrays/index.ts";
import { isDatedOption, type QuotedInstrument } from "../model/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import type { ExpiryMarks, VolatilityMark } from "./marks.ts";

/**
 * Collects the volatilities of the options among these instruments of one underlying, by expiry. Options without a
 * volatility are left out.
 */
export function collectExpiryMarks(instruments: readonly QuotedInstrument[], asOfMs: number): ExpiryMarks[] {
  const expiries = new Map<number, { timeToExpiryYears: number; forward: number; marks: VolatilityMark[] }>();
  for (const { instrument, markVolatility, forwardPrice } of instruments) {
    if (!isDatedOption(instrument) || markVolatility === null) continue;
    const mark = { strike: instrument.strike, markVolatility };
    const expiry = expiries.get(instrument.expiryMs);
    if (expiry !== undefined) expiry.marks.push(mark);
    else {
      const timeToExpiryYears = daysToExpiry(instrument, asOfMs) / DAYS_PER_YEAR;
      expiries.set(instrument.expiryMs, { timeToExpiryYears, forward: forwardPrice, marks: [mark] });
    }
  }
  return [...expiries.values()];
}
