import { daysToExpiry } from "../arrays/index.ts";
import { isDatedOption, type QuotedInstrument } from "../model/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";

/** The greatest implied volatility that is accepted. Above 1000 % per year it is taken for an error of the source. */
export const MAX_MARK_VOLATILITY = 10;

/** A venue's mark of one listed strike. */
export interface VolatilityMark {
  readonly strike: number;
  /** The implied volatility per year, where 0.5 is 50 %. */
  readonly markVolatility: number;
}

/** The marks of one expiry, all of options on the same forward. Both the call and the put of a strike may be given. */
export interface ExpiryMarks {
  readonly timeToExpiryYears: number;
  readonly forward: number;
  readonly marks: readonly VolatilityMark[];
}

/** A mark that was left out, and the reason. */
export interface RefusedMark extends VolatilityMark {
  readonly timeToExpiryYears: number;
  readonly reason: "strike_not_positive" | "volatility_not_positive" | "volatility_above_limit";
}

/** The usable marks of one expiry, in ascending order of log-moneyness ln(K/F) and without repetition. */
export interface UsableMarks {
  readonly logMoneyness: Float64Array;
  /** The total variance, which is volatility squared times years. */
  readonly totalVariance: Float64Array;
}

/** Returns the reason why a mark cannot be used, or undefined when it can. */
export function findRefusal(mark: VolatilityMark): RefusedMark["reason"] | undefined {
  if (!(mark.strike > 0 && mark.strike < Number.POSITIVE_INFINITY)) return "strike_not_positive";
  if (!(mark.markVolatility > 0)) return "volatility_not_positive";
  return mark.markVolatility > MAX_MARK_VOLATILITY ? "volatility_above_limit" : undefined;
}

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
