import { SECONDS_PER_DAY } from "../../numbers/index.ts";

/** The seconds in a year, as Derive counts 365 days a year (docs/sources.md, Derive portfolio managers). */
const SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY;

/** The length in seconds of the window before expiry over which an option settles against an average price. */
const SETTLEMENT_WINDOW_SECONDS = 1800;

/** Returns the days until expiry, or 0 once expired. */
export function daysLeft(secondsToExpiry: number): number {
  return Math.max(0, secondsToExpiry) / SECONDS_PER_DAY;
}

/** Returns the years until expiry, or 0 once expired. */
export function yearsLeft(secondsToExpiry: number): number {
  return Math.max(0, secondsToExpiry) / SECONDS_PER_YEAR;
}

/** The two parts of a forward: the fixed part that is already settled, and the variable part that still moves. */
export interface SettlementForward {
  readonly forwardFixedPortion: number;
  readonly forwardVariablePortion: number;
}

/**
 * Splits a forward into its fixed and its variable part. In the last 30 minutes the option settles against the average
 * price of that window. The part of the window that has passed is fixed at its realised average, and the rest moves
 * with the forward (docs/sources.md, Derive settlement and interest). Before the window the whole forward moves, and
 * from expiry on none of it.
 */
export function settlementForward(
  forwardPrice: number,
  realisedAverage: number,
  secondsToExpiry: number,
): SettlementForward {
  const share = Math.min(1, Math.max(0, secondsToExpiry) / SETTLEMENT_WINDOW_SECONDS);
  return {
    forwardFixedPortion: share === 1 ? 0 : realisedAverage * (1 - share),
    forwardVariablePortion: forwardPrice * share,
  };
}
