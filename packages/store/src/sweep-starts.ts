import { clockToleranceMs, compactTime } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { findSnapshotAt } from "./market.ts";
import { expiryOf } from "./packed.ts";
import { putItem, type Table } from "./table.ts";

/** Days the arrival of a tick is remembered; its retries come within the hour. */
const tickDays = 2;

/** An attempt that has pinned nothing after this time has died. */
const attemptMs = 30_000;

/**
 * The time as of which a tick sweeps: the arrival of its first attempt, so that a repeat goes on with the sweep that was
 * begun. A repeat of an attempt that died before it pinned anything takes its own arrival: prices have aged meanwhile.
 */
export async function arrivalOfTick(market: Table, tickMs: number, arrivalMs: number, nowMs: number): Promise<number> {
  const item = { ...keys.tick(compactTime(tickMs)), as_of_ms: arrivalMs, ttl: expiryOf(nowMs, tickDays) };
  const first = await putItem(market, item, { expression: "attribute_not_exists(pk)" });
  if (first.written) return arrivalMs;
  const asOfMs = Number(first.existing?.as_of_ms);
  if (arrivalMs - asOfMs < attemptMs || (await findSnapshotAt(market, asOfMs)) !== undefined) return asOfMs;
  const later = await putItem(market, item, { expression: "as_of_ms = :first", values: { ":first": asOfMs } });
  return later.written ? arrivalMs : Number(later.existing?.as_of_ms);
}

/**
 * Takes the right to a sweep that prices ask for. Null when it is taken; else the time from which the next one may be, as
 * the last was less than the interval ago. A repeat as of the same time has it still.
 */
export async function takeRequestedSweep(
  market: Table,
  asOfMs: number,
  intervalMs: number,
  nowMs: number,
): Promise<number | null> {
  const outcome = await putItem(
    market,
    { ...keys.requestedSweep, as_of_ms: asOfMs },
    {
      expression: "attribute_not_exists(pk) OR as_of_ms <= :due OR as_of_ms = :asOf OR as_of_ms > :latest",
      values: { ":due": asOfMs - intervalMs, ":asOf": asOfMs, ":latest": nowMs + clockToleranceMs },
    },
  );
  return outcome.written ? null : Number(outcome.existing?.as_of_ms) + intervalMs;
}
