import { createScratch } from "../arrays/scratch.ts";
import { expiryMsOf, type Instrument, isDated, type QuotedInstrument } from "../model/index.ts";
import { log } from "../numbers/index.ts";
import { DAYS_PER_YEAR, MS_PER_DAY, MS_PER_MINUTE } from "../numbers/time.ts";
import type { ScenarioSet } from "../scenarios/index.ts";

/**
 * Returns the share of an instrument's settlement window that is still to come. It is 1 before the window and for
 * instruments without one, and 0 at expiry. It is the amount by which one unit of the index still moves the settlement
 * price. At Deribit the deltas of expiring options and futures decay linearly to 0 in the settlement period
 * (support.deribit.com 25944751433757).
 */
export function windowShare(instrument: Instrument, asOfMs: number): number {
  const windowMs = settlementWindowMs(instrument);
  if (windowMs === 0) return 1;
  return Math.min(1, Math.max(0, expiryMsOf(instrument) - asOfMs) / windowMs);
}

/**
 * Returns the length, in milliseconds, of the window before expiry over whose average an instrument settles. It is 0
 * where there is none.
 */
export function settlementWindowMs(instrument: Instrument): number {
  return isDated(instrument) ? (instrument.settlementWindowMinutes ?? 0) * MS_PER_MINUTE : 0;
}

/** Returns whether an instrument is inside its window and the average so far is not known. */
export function lacksSettlementAverage({ instrument, movingShare }: QuotedInstrument, asOfMs: number): boolean {
  return movingShare === undefined && windowShare(instrument, asOfMs) < 1;
}

/**
 * Returns the factor on the price of an instrument when the index is multiplied. Only the moving share follows the
 * index.
 */
export function settlementMultiplier({ movingShare }: QuotedInstrument, multiplier: number): number {
  return movingShare === undefined ? multiplier : 1 + movingShare * (multiplier - 1);
}

/** Returns the moving share after the index was multiplied. */
export function movedShare(quoted: QuotedInstrument, multiplier: number): { readonly movingShare?: number } {
  const { movingShare } = quoted;
  return movingShare === undefined
    ? {}
    : { movingShare: (movingShare * multiplier) / settlementMultiplier(quoted, multiplier) };
}

/**
 * Returns the variance left in an option's settlement price, as years at the option's volatility, `elapsedYears` after
 * the snapshot. It is at least 0. Without a window it is the time to expiry T.
 *
 * The price is averaged over a window of length w. With constant volatility and to first order in the variance, the
 * average has the variance of T - 2w/3 before the window. Inside it has that of T/3 on the moving share of the blend.
 * The two meet at the window's start, and the option ends at its intrinsic value on the average. The moment-matched
 * remainder of an Asian option is our choice. Derive keeps T, as its methods do here.
 */
export function varianceYears(quoted: QuotedInstrument, asOfMs: number, elapsedYears = 0): number {
  const years = Math.max(0, (expiryMsOf(quoted.instrument) - asOfMs) / MS_PER_DAY / DAYS_PER_YEAR - elapsedYears);
  const windowYears = settlementWindowMs(quoted.instrument) / MS_PER_DAY / DAYS_PER_YEAR;
  if (years >= windowYears) return years - (2 / 3) * windowYears;
  const share = quoted.movingShare ?? 1;
  return (share * share * years) / 3;
}

const moveScratch = createScratch();
const multiplierScratch = createScratch();
const logScratch = createScratch();

/**
 * Returns the price moves of a scenario set, or the moves of a price of which only a share follows them. The arrays are
 * valid until the next call.
 */
export function settlementMoves(
  set: Pick<ScenarioSet, "scenarioCount" | "priceMove" | "priceMultiplier" | "logPriceMultiplier">,
  movingShare: number | undefined,
): Pick<ScenarioSet, "priceMove" | "priceMultiplier" | "logPriceMultiplier"> {
  if (movingShare === undefined) return set;
  const count = set.scenarioCount;
  const priceMove = moveScratch(count);
  const priceMultiplier = multiplierScratch(count);
  const logPriceMultiplier = logScratch(count);
  for (let s = 0; s < count; s += 1) {
    priceMove[s] = movingShare * set.priceMove[s]!;
    priceMultiplier[s] = 1 + priceMove[s]!;
    logPriceMultiplier[s] = log(priceMultiplier[s]!);
  }
  return { priceMove, priceMultiplier, logPriceMultiplier };
}
