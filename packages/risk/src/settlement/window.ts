import { expiryMsOf, type Instrument, isDated, type QuotedInstrument } from "../model/index.ts";
import { DAYS_PER_YEAR, MS_PER_DAY, MS_PER_MINUTE } from "../numbers/time.ts";

/**
 * Share of an instrument's settlement window that is still to come, 1 before the window and for instruments without one, 0 at
 * expiry. It is what one unit of the index still moves the settlement price by (Deribit: deltas of expiring options and
 * futures decay linearly to 0 in the settlement period, support.deribit.com 25944751433757).
 */
export function windowShare(instrument: Instrument, asOfMs: number): number {
  const windowMs = settlementWindowMs(instrument);
  if (windowMs === 0) return 1;
  return Math.min(1, Math.max(0, expiryMsOf(instrument) - asOfMs) / windowMs);
}

/** Length of the window before expiry over whose average an instrument settles; 0 where it has none. */
export function settlementWindowMs(instrument: Instrument): number {
  return isDated(instrument) ? (instrument.settlementWindowMinutes ?? 0) * MS_PER_MINUTE : 0;
}

/** Whether an instrument is inside its window and the average so far is not known. */
export function lacksSettlementAverage({ instrument, movingShare }: QuotedInstrument, asOfMs: number): boolean {
  return movingShare === undefined && windowShare(instrument, asOfMs) < 1;
}

/** What the price of an instrument is multiplied with when the index is multiplied: only the moving share follows. */
export function settlementMultiplier({ movingShare }: QuotedInstrument, multiplier: number): number {
  return movingShare === undefined ? multiplier : 1 + movingShare * (multiplier - 1);
}

/** The moving share after the index was multiplied. */
export function movedShare(quoted: QuotedInstrument, multiplier: number): { readonly movingShare?: number } {
  const { movingShare } = quoted;
  return movingShare === undefined
    ? {}
    : { movingShare: (movingShare * multiplier) / settlementMultiplier(quoted, multiplier) };
}

/**
 * Years whose variance an option's settlement price still has, `elapsedYears` from the snapshot on; at least 0. Without a
 * window these are the years to expiry T. The average over a window w of a price with constant volatility has, to first order
 * in the variance, that of T - 2w/3 before the window, and inside it that of T/3 on the moving share of the blend: the two meet
 * at its start, and the option ends at its intrinsic value on the average. The moment-matched remainder of an Asian option is
 * our choice; Derive keeps T (its methods do so here).
 */
export function varianceYears(quoted: QuotedInstrument, asOfMs: number, elapsedYears = 0): number {
  const years = Math.max(0, (expiryMsOf(quoted.instrument) - asOfMs) / MS_PER_DAY / DAYS_PER_YEAR - elapsedYears);
  const windowYears = settlementWindowMs(quoted.instrument) / MS_PER_DAY / DAYS_PER_YEAR;
  if (years >= windowYears) return years - (2 / 3) * windowYears;
  const share = quoted.movingShare ?? 1;
  return (share * share * years) / 3;
}
