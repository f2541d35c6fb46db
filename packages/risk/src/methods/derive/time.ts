import { SECONDS_PER_DAY } from "../../numbers/index.ts";

/** Derive counts 365 days a year (docs/sources.md, Derive portfolio managers). */
const SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY;

/** Length of the window before expiry in which an option settles against an average price. */
const SETTLEMENT_WINDOW_SECONDS = 1800;

/** Days left, 0 once expired. */
export function daysLeft(secondsToExpiry: number): number {
  return Math.max(0, secondsToExpiry) / SECONDS_PER_DAY;
}

/** Years left, 0 once expired. */
export function yearsLeft(secondsToExpiry: number): number {
  return Math.max(0, secondsToExpiry) / SECONDS_PER_YEAR;
}

/** The two parts of a forward: what is settled already, and what still moves. */
export interface SettlementForward {
  readonly forwardFixedPortion: number;
  readonly forwardVariablePortion: number;
}

/**
 * Splits a forward in the last 30 minutes, when the option settles against the average price of that window: the part
 * that has passed is fixed at its realised average, the rest moves with the forward
 * (docs/sources.md, Derive settlement and interest). Before the window all of it moves, from expiry on nothing does.
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
