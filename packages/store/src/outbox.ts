import { poolKeyOf } from "@plimsoll/risk";
import { type CallEvent, callEvent, errorText, unpublishedItem } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { unpack } from "./packed.ts";
import {
  findItems,
  type Item,
  type Key,
  putItem,
  queryItems,
  StoreError,
  scanItems,
  type Table,
  updateItem,
  writeItems,
} from "./table.ts";

// The outbox of call events. A mark is written in the transaction of its event and deleted when the event is published.
// This costs one small write and one delete per event; listing the unpublished events takes a few reads, however many
// events there are.

/** Identifies a committed event by its pool and its number among the pool's events. */
export interface EventName {
  readonly poolKey: string;
  readonly sequence: number;
}

/** The mark of an event that is committed but not published. */
export interface Mark extends EventName {
  /** By the clock of the function that committed it, as the clock of a replay may be far from it. */
  readonly committedAtMs: number;
  /**
   * Why the event can never be published as it is, so that it is not retried automatically. It is null while it waits.
   */
  readonly refusal: string | null;
}

/** A stored event, or the problem with it. */
export interface StoredEvent extends EventName {
  /** Null if the event is missing or cannot be read. */
  readonly event: CallEvent | null;
  /** Why there is no event. It is null if there is one. */
  readonly problem: string | null;
}

/**
 * Reads a mark. If its attributes cannot be read, its key still identifies the event, which then counts as the oldest.
 */
function readMark(item: Item): Mark {
  const { data } = unpublishedItem.safeParse(item);
  if (data === undefined) return { ...keys.markedBy(String(item.sk)), committedAtMs: 0, refusal: null };
  return { poolKey: data.book_id, sequence: data.sequence, committedAtMs: data.committed_at_ms, refusal: data.refusal };
}

/** Builds the mark of an event that is being committed. */
export function markItem(poolKey: string, sequence: number, committedAtMs: number): Item & Key {
  return { ...keys.mark(poolKey, sequence), book_id: poolKey, sequence, committed_at_ms: committedAtMs };
}

function inOrder(a: EventName, b: EventName): number {
  return a.poolKey === b.poolKey ? a.sequence - b.sequence : a.poolKey < b.poolKey ? -1 : 1;
}

/** Loads all marks, those of each pool in the order of its events. */
export async function loadMarks(margin: Table): Promise<Mark[]> {
  const partitions = await Promise.all(keys.outbox.map((pk) => queryItems(margin, { pk })));
  return partitions.flat().map(readMark).sort(inOrder);
}

/** Loads the marks of one pool in the order of its events. */
export async function loadMarksOf(margin: Table, poolKey: string): Promise<Mark[]> {
  const { pk, sk } = keys.marksOf(poolKey);
  return (await queryItems(margin, { pk, skPrefix: sk })).map(readMark);
}

/** Finds the marks of these events, in no particular order. Published events have none. */
export async function findMarks(margin: Table, names: readonly EventName[]): Promise<Mark[]> {
  const items = await findItems(
    margin,
    names.map(({ poolKey, sequence }) => keys.mark(poolKey, sequence)),
  );
  return items.map(readMark);
}

/** The problem of an event that is missing. */
export const eventMissing = "it is not in the table";

/** Loads the named events in the order of the names. */
export async function loadEvents(margin: Table, names: readonly EventName[]): Promise<StoredEvent[]> {
  const items = await findItems(
    margin,
    names.map(({ poolKey, sequence }) => keys.event(poolKey, sequence)),
  );
  const byKey = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
  return names.map(({ poolKey, sequence }) => {
    const { pk, sk } = keys.event(poolKey, sequence);
    const item = byKey.get(`${pk} ${sk}`);
    if (item === undefined) return { poolKey, sequence, event: null, problem: eventMissing };
    return readEvent(poolKey, sequence, item.data);
  });
}

/** Loads all committed events of one pool in order. */
export async function loadEventsOf(margin: Table, poolKey: string): Promise<StoredEvent[]> {
  const { pk, skPrefix } = keys.eventsOf(poolKey);
  const items = await queryItems(margin, { pk, skPrefix });
  return items.map(({ sk, data }) => readEvent(poolKey, Number(String(sk).slice(skPrefix.length)), data));
}

/**
 * Loads all committed events, those of each pool in order. It reads the whole table, which is affordable only on a
 * local stage, and throws if an event cannot be read.
 */
export async function scanEvents(margin: Table): Promise<CallEvent[]> {
  const items = await scanItems(margin, keys.eventsOf("").skPrefix);
  const named = ({ account_id, pool_id, sequence }: CallEvent) => ({
    poolKey: poolKeyOf(account_id, pool_id),
    sequence,
  });
  return items.map(({ data }) => callEvent.parse(unpack(data))).sort((a, b) => inOrder(named(a), named(b)));
}

/** Unpacks the event of an item. */
export function readEvent(poolKey: string, sequence: number, data: unknown): StoredEvent {
  try {
    return { poolKey, sequence, event: callEvent.parse(unpack(data)), problem: null };
  } catch (error) {
    return { poolKey, sequence, event: null, problem: errorText(error) };
  }
}

/**
 * Reads the name of an event from its key in a stream record. Returns undefined for the key of another item; throws a
 * StoreError if the key has no pk or no sk.
 */
export function eventNameOf({ pk, sk }: Readonly<Record<string, { readonly S: string }>>): EventName | undefined {
  if (pk === undefined || sk === undefined) throw new StoreError("A record of the stream has no pk or no sk");
  const [, poolKey, sequence] = /^ACCOUNT#(.+) EVENT#(\d+)$/.exec(`${pk.S} ${sk.S}`) ?? [];
  return poolKey === undefined ? undefined : { poolKey, sequence: Number(sequence) };
}

/** Deletes the marks of events, so that they are not published again. */
export async function deleteMarks(margin: Table, names: readonly EventName[]): Promise<void> {
  await writeItems(margin, { deletes: names.map(({ poolKey, sequence }) => keys.mark(poolKey, sequence)) });
}

/** Marks an event as refused, for a person to look at. */
export async function refuseMark(margin: Table, { poolKey, sequence }: EventName, refusal: string): Promise<void> {
  await updateItem(margin, keys.mark(poolKey, sequence), {
    expression: "SET refusal = :refusal",
    values: { ":refusal": refusal },
    condition: "attribute_exists(pk)",
  });
}

/** Writes the mark of an event again, so that it will be published. */
export async function restoreMark(
  margin: Table,
  { poolKey, sequence }: EventName,
  committedAtMs: number,
): Promise<void> {
  await putItem(margin, markItem(poolKey, sequence, committedAtMs));
}
