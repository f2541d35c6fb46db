import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { bookIdOf } from "@plimsoll/risk";
import { type CallEvent, callEvent, type MarginRow } from "@plimsoll/schema";
import { unpack } from "@plimsoll/store";
import { expect } from "vitest";

type Image = Record<string, unknown>;

function imageOf(record: _Record): Image {
  return unmarshall((record.dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>);
}

/** I1: in the order of the stream, no state and no head of a shard's results rests on less than the one before it. */
export function checkNewerWins(records: readonly _Record[]): void {
  const last = new Map<string, Image>();
  for (const record of records) {
    const key = `${record.dynamodb?.Keys?.pk?.S} ${record.dynamodb?.Keys?.sk?.S}`;
    if (record.eventName === "REMOVE") last.delete(key);
    const image = imageOf(record);
    if (image.sk !== "STATE" && image.sk !== "LATEST") continue;
    const before = last.get(key);
    if (before !== undefined) {
      const context = `${key}: ${before.snapshot_id} then ${image.snapshot_id}`;
      expect(String(image.snapshot_id) >= String(before.snapshot_id), context).toBe(true);
      if (image.sk === "STATE")
        expect(image.ledger_sequence, key).toBeGreaterThanOrEqual(Number(before.ledger_sequence));
    }
    last.set(key, image);
  }
}

/** Committed events by pool of an account, in order of their sequence. */
export function eventsByBook(items: readonly Image[]): Map<string, CallEvent[]> {
  const events = items
    .filter((item) => String(item.sk).startsWith("EVENT#"))
    .map((item) => callEvent.parse(unpack(item.data)))
    .sort((a, b) => a.sequence - b.sequence);
  return Map.groupBy(events, (event) => bookIdOf(event.account_id, event.pool_id));
}

/** I3: sequences without gap, each event goes on where the last one stopped, one call at a time, and rows and states agree. */
export function checkOneEventPerTransition(items: readonly Image[], rows: readonly MarginRow[]): void {
  const events = eventsByBook(items);
  for (const [bookId, told] of events) {
    let severity = "NORMAL";
    let openCall: string | null = null;
    for (const [index, event] of told.entries()) {
      expect(event.sequence, bookId).toBe(index + 1);
      expect(event.previous_severity, event.event_id).toBe(severity);
      expect(event.severity, event.event_id).not.toBe(severity);
      if (openCall !== null) expect(event.call_id, event.event_id).toBe(openCall);
      severity = event.severity;
      openCall = severity === "NORMAL" ? null : event.call_id;
    }
    const state = items.find((item) => item.pk === `ACCOUNT#${bookId}` && item.sk === "STATE");
    expect(state, bookId).toMatchObject({ severity, sequence: told.length, call_id: openCall });
    const row = rows.find((one) => bookIdOf(one.accountId, one.poolId) === bookId);
    if (openCall !== null) expect(row?.call, `the open call of ${bookId}`).toMatchObject({ callId: openCall });
  }
  for (const row of rows) {
    const bookId = bookIdOf(row.accountId, row.poolId);
    const told = events.get(bookId) ?? [];
    expect(row, bookId).toMatchObject({
      severity: told.at(-1)?.severity ?? "NORMAL",
      sequence: told.length,
    });
  }
}

/** Events of one call to SNS, which a process that fails between telling and remembering tells again. */
const eventsPerCall = 10;

/**
 * I4: what is committed is published and what is published was committed, word for word; nothing waits any longer. An event
 * is told once, but for those over which a process failed between telling and remembering, and first after those before it.
 */
export function checkPublished(items: readonly Image[], published: readonly CallEvent[], faults: number): void {
  expect(items.filter((item) => String(item.pk).startsWith("UNPUBLISHED#"))).toEqual([]);
  checkToldInOrder(published);
  const committed = new Map([...eventsByBook(items).values()].flat().map((event) => [event.event_id, event]));
  for (const event of published) expect(event).toEqual(committed.get(event.event_id));
  const told = new Set(published.map((event) => event.event_id));
  expect([...committed.keys()].filter((eventId) => !told.has(eventId))).toEqual([]);
  expect(published.length - told.size).toBeLessThanOrEqual(faults * eventsPerCall);
}

/** No event is told for the first time after a later one of its pool. */
export function checkToldInOrder(published: readonly CallEvent[]): void {
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { event_id, account_id, pool_id, sequence } of published) {
    if (seen.has(event_id)) continue;
    seen.add(event_id);
    const bookId = bookIdOf(account_id, pool_id);
    expect(newest.get(bookId) ?? 0, event_id).toBeLessThan(sequence);
    newest.set(bookId, sequence);
  }
}

/** I2: every pool of an account has a result for the last snapshot, or a reason. */
export function checkNobodyForgotten(rows: readonly MarginRow[], bookIds: readonly string[], snapshotId: string): void {
  expect(rows.map((row) => bookIdOf(row.accountId, row.poolId)).sort()).toEqual(bookIds.toSorted());
  for (const row of rows) {
    const restsOn = row.status === "margined" ? row.margin.snapshotId : row.snapshotId;
    expect(restsOn, row.accountId).toBe(snapshotId);
  }
}
