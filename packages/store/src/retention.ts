import { SECONDS_PER_DAY } from "@plimsoll/risk";

// How many days each kind of item is kept; docs/evidence.md says what can be proven how long. DynamoDB deletes an item
// within two days of its time.

/** A pinned snapshot, and the chunks of a block that rests on it. What must stay longer is in a call's event. */
export const snapshotDays = 35;

/** The record of a sweep: as long as its snapshot. */
export const sweepDays = snapshotDays;

/** The margin history of a pool. */
export const marginHistoryDays = 400;

/** A daily bar: ten years for the long-run volatility, and one more. */
export const dailyBarDays = 11 * 365;

/** An event that waits for earlier ones: as long as a dead letter is kept. */
export const parkedEventDays = 14;

/** The arrival of a tick of the schedule. Its retries come within the hour. */
export const tickDays = 2;

/** A measured day of the reference portfolios: two windows of a card. */
export const referenceDays = 800;

/** A proposal with its moves and reasons: longer than the history of any pool. */
export const proposalDays = 800;

/** Returns the time from which DynamoDB may delete an item that is kept for some days, in seconds since 1970. */
export function expiryOf(nowMs: number, days: number): number {
  return Math.ceil(nowMs / 1_000) + days * SECONDS_PER_DAY;
}
