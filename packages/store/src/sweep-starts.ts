import { clockToleranceMs, compactTime } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { findSnapshotAt } from "./market.ts";
import { expiryOf, tickDays } from "./retention.ts";
import { putItem, type Table } from "./table.ts";

/** An attempt that has stored no snapshot after this many milliseconds is taken to have crashed. */
const attemptMs = 30_000;

/**
 * Returns the time as of which a tick's sweep runs. It is the arrival of the first attempt, so that a repeat continues
 * the same sweep. If that attempt crashed before it stored a snapshot, it is the arrival of the repeat, as prices have
 * aged.
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
 * Claims a sweep that a price move asks for. Returns null if the claim succeeds, otherwise the time from which the next
 * sweep is allowed, as the last one was less than the interval ago. A repeat for the same time succeeds again.
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
