import {
  deleteMarks,
  type EventName,
  eventMissing,
  findMarks,
  loadEvents,
  loadEventsOf,
  loadMarks,
  type Mark,
  restoreMark,
  type StoredEvent,
  type Table,
} from "@plimsoll/store";

/** A committed event as it is listed for operators. */
export interface ListedCall {
  readonly event_id: string;
  /** Null if the event cannot be read. */
  readonly severity: string | null;
  readonly occurred_at: string | null;
  readonly title: string;
  readonly status: "published" | "waits" | "set_aside";
  /** Time since which it waits or is set aside, by the wall clock. It is null for a published event. */
  readonly marked_at: string | null;
  /** Why it was set aside, otherwise null. */
  readonly reason: string | null;
}

/**
 * Parses the id of an event, `<account>/<sequence>`, with the pool between them unless it is the cross pool. Returns
 * undefined if it is not an id.
 */
export function parseEventId(eventId: string): EventName | undefined {
  const [, poolKey, sequence] = /^(.+)\/([1-9]\d*)$/.exec(eventId) ?? [];
  return poolKey === undefined ? undefined : { poolKey, sequence: Number(sequence) };
}

function idOf({ poolKey, sequence }: EventName): string {
  return `${poolKey}/${sequence}`;
}

/** Lists the committed events that are not published: those that wait, and those set aside with the reason. */
export async function listUnpublished(margin: Table): Promise<ListedCall[]> {
  const marks = await loadMarks(margin);
  return (await loadEvents(margin, marks)).map((event, index) => describe(event, marks[index]));
}

/** Selects events: all that are not published, all of one pool, or those named. */
export type CallChoice = "unpublished" | { readonly poolKey: string } | readonly EventName[];

export interface Republishing {
  /** The events as they were before anything was done. */
  readonly calls: readonly ListedCall[];
  /** Marks those of them that do not wait already to be published again, at a time of the wall clock. */
  readonly send: (nowMs: number) => Promise<void>;
}

/** Finds the events that are to be published again. `missing` holds the ids that do not exist. */
export async function chooseCalls(
  margin: Table,
  choice: CallChoice,
): Promise<Republishing | { readonly missing: readonly string[] }> {
  const chosen = await loadChosen(margin, choice);
  const missing = chosen.filter(({ problem }) => problem === eventMissing).map(idOf);
  if (choice !== "unpublished" && !("poolKey" in choice) && missing.length > 0) return { missing };
  const marks = new Map((await findMarks(margin, chosen)).map((mark) => [idOf(mark), mark]));
  return {
    calls: chosen.map((event) => describe(event, marks.get(idOf(event)))),
    send: async (nowMs) => {
      // Events that already wait keep their time, from which the alarm computes their age.
      const toMark = chosen.filter((event) => marks.get(idOf(event))?.refusal !== null);
      for (const event of toMark) await restoreMark(margin, event, nowMs);
    },
  };
}

async function loadChosen(margin: Table, choice: CallChoice): Promise<StoredEvent[]> {
  if (choice === "unpublished") return loadEvents(margin, await loadMarks(margin));
  return "poolKey" in choice ? loadEventsOf(margin, choice.poolKey) : loadEvents(margin, choice);
}

/**
 * Deletes the marks of events, so that they are not published. If any of them is not marked, nothing is done and
 * `unknown` holds those ids.
 */
export async function dismissCalls(
  margin: Table,
  names: readonly EventName[],
): Promise<{ readonly dismissed: readonly string[] } | { readonly unknown: readonly string[] }> {
  const marked = new Set((await findMarks(margin, names)).map(idOf));
  const unknown = names.map(idOf).filter((id) => !marked.has(id));
  if (unknown.length > 0) return { unknown };
  await deleteMarks(margin, names);
  return { dismissed: [...marked] };
}

function describe(stored: StoredEvent, mark: Mark | undefined): ListedCall {
  return {
    event_id: idOf(stored),
    severity: stored.event?.severity ?? null,
    occurred_at: stored.event?.occurred_at ?? null,
    title: stored.event?.title ?? `cannot be read: ${stored.problem}`,
    status: mark === undefined ? "published" : mark.refusal === null ? "waits" : "set_aside",
    marked_at: mark === undefined ? null : new Date(mark.committedAtMs).toISOString(),
    reason: mark?.refusal ?? null,
  };
}
