import { bookIdOf } from "@plimsoll/risk";
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

// A mark is written with its event, in the same transaction, and deleted when the event is published. It costs a small item
// written and deleted for each event; a list of what waits then takes a few reads, however many events there ever were.

/** Names a committed event: its pool and its place among the pool's events. */
export interface EventName {
  readonly bookId: string;
  readonly sequence: number;
}

/** An event that is committed and not published. */
export interface Mark extends EventName {
  /** By the clock of the function that committed it; a replay's own clock may be far from it. */
  readonly committedAtMs: number;
  /** Why it can never be published as things are, so that no one tries again by himself; null while it waits. */
  readonly refusal: string | null;
}

/** An event as it is read back. */
export interface StoredEvent extends EventName {
  /** Null when it is not there or cannot be read. */
  readonly event: CallEvent | null;
  /** Why there is no event; null when there is one. */
  readonly problem: string | null;
}

/** The mark of an item. One that cannot be read is known by its key alone: its event is published as the oldest there is. */
function readMark(item: Item): Mark {
  const { data } = unpublishedItem.safeParse(item);
  if (data === undefined) return { ...keys.markedBy(String(item.sk)), committedAtMs: 0, refusal: null };
  return { bookId: data.book_id, sequence: data.sequence, committedAtMs: data.committed_at_ms, refusal: data.refusal };
}

/** The mark of an event that is being committed. */
export function markItem(bookId: string, sequence: number, committedAtMs: number): Item & Key {
  return { ...keys.mark(bookId, sequence), book_id: bookId, sequence, committed_at_ms: committedAtMs };
}

function inOrder(a: EventName, b: EventName): number {
  return a.bookId === b.bookId ? a.sequence - b.sequence : a.bookId < b.bookId ? -1 : 1;
}

/** All marks, those of a pool in the order of its events. */
export async function loadMarks(margin: Table): Promise<Mark[]> {
  const partitions = await Promise.all(keys.outbox.map((pk) => queryItems(margin, { pk })));
  return partitions.flat().map(readMark).sort(inOrder);
}

/** The marks of one pool, in the order of its events. */
export async function loadMarksOf(margin: Table, bookId: string): Promise<Mark[]> {
  const { pk, sk } = keys.marksOf(bookId);
  return (await queryItems(margin, { pk, skPrefix: sk })).map(readMark);
}

/** The marks that there are of these events, in no particular order. */
export async function findMarks(margin: Table, names: readonly EventName[]): Promise<Mark[]> {
  const items = await findItems(
    margin,
    names.map(({ bookId, sequence }) => keys.mark(bookId, sequence)),
  );
  return items.map(readMark);
}

/** The problem of an event that is not there. */
export const eventMissing = "it is not in the table";

/** The events of these names, in their order. */
export async function loadEvents(margin: Table, names: readonly EventName[]): Promise<StoredEvent[]> {
  const items = await findItems(
    margin,
    names.map(({ bookId, sequence }) => keys.event(bookId, sequence)),
  );
  const byKey = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
  return names.map(({ bookId, sequence }) => {
    const { pk, sk } = keys.event(bookId, sequence);
    const item = byKey.get(`${pk} ${sk}`);
    if (item === undefined) return { bookId, sequence, event: null, problem: eventMissing };
    return readEvent(bookId, sequence, item.data);
  });
}

/** All committed events of one pool, in their order. */
export async function loadEventsOf(margin: Table, bookId: string): Promise<StoredEvent[]> {
  const { pk, skPrefix } = keys.eventsOf(bookId);
  const items = await queryItems(margin, { pk, skPrefix });
  return items.map(({ sk, data }) => readEvent(bookId, Number(String(sk).slice(skPrefix.length)), data));
}

/**
 * Every committed event of the table, those of a pool in their order. It reads the whole table, which only a local stage can
 * afford, and throws where an event cannot be read.
 */
export async function scanEvents(margin: Table): Promise<CallEvent[]> {
  const items = await scanItems(margin, keys.eventsOf("").skPrefix);
  const named = ({ account_id, pool_id, sequence }: CallEvent) => ({ bookId: bookIdOf(account_id, pool_id), sequence });
  return items.map(({ data }) => callEvent.parse(unpack(data))).sort((a, b) => inOrder(named(a), named(b)));
}

/** The event in the packed data of its item. */
export function readEvent(bookId: string, sequence: number, data: unknown): StoredEvent {
  try {
    return { bookId, sequence, event: callEvent.parse(unpack(data)), problem: null };
  } catch (error) {
    return { bookId, sequence, event: null, problem: errorText(error) };
  }
}

/** The name of the event that has this key, as the stream gives it; undefined when it is no event's. Throws where it is no key. */
export function eventNameOf({ pk, sk }: Readonly<Record<string, { readonly S: string }>>): EventName | undefined {
  if (pk === undefined || sk === undefined) throw new StoreError("A record of the stream has no pk or no sk");
  const [, bookId, sequence] = /^ACCOUNT#(.+) EVENT#(\d+)$/.exec(`${pk.S} ${sk.S}`) ?? [];
  return bookId === undefined ? undefined : { bookId, sequence: Number(sequence) };
}

/** Forgets that these events are to be published. */
export async function deleteMarks(margin: Table, names: readonly EventName[]): Promise<void> {
  await writeItems(margin, { deletes: names.map(({ bookId, sequence }) => keys.mark(bookId, sequence)) });
}

/** Sets an event aside for a person to look at. */
export async function refuseMark(margin: Table, { bookId, sequence }: EventName, refusal: string): Promise<void> {
  await updateItem(margin, keys.mark(bookId, sequence), {
    expression: "SET refusal = :refusal",
    values: { ":refusal": refusal },
    condition: "attribute_exists(pk)",
  });
}

/** Has an event published again, or at last. */
export async function restoreMark(
  margin: Table,
  { bookId, sequence }: EventName,
  committedAtMs: number,
): Promise<void> {
  await putItem(margin, markItem(bookId, sequence, committedAtMs));
}
