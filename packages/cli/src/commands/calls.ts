import { bookIdOf, crossPoolId } from "@plimsoll/risk";
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
import { callsText, type ListedCall } from "../calls/calls-text.ts";
import { CommandError, exitCodes } from "../errors.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";

export interface TableOptions {
  readonly table: string;
  readonly json?: true;
}

export interface RepublishOptions extends TableOptions {
  readonly account?: string;
  readonly pool?: string;
  readonly send?: true;
}

/** Prints the events that are not published. */
export async function listCalls(options: TableOptions, terminal: Terminal): Promise<void> {
  const margin = openTable(options.table, "Margin");
  const marks = await loadMarks(margin);
  const listed = (await loadEvents(margin, marks)).map((event, index) => describe(event, marks[index]));
  printFound(terminal, { ...options, wire: { calls: listed } }, listed, (calls, paint) =>
    callsText(calls, Date.now(), paint),
  );
}

/** Has events published again: those named, those of an account, or all that are not published. */
export async function republish(eventIds: string[], options: RepublishOptions, terminal: Terminal): Promise<void> {
  const margin = openTable(options.table, "Margin");
  const chosen = await choose(eventIds, options, margin);
  const marks = new Map((await findMarks(margin, chosen)).map((mark) => [idOf(mark), mark]));
  const listed = chosen.map((event) => describe(event, marks.get(idOf(event))));
  // What waits already keeps its age, by which the alarm goes.
  const toMark = chosen.filter((event) => marks.get(idOf(event))?.refusal !== null);
  if (options.send) for (const event of toMark) await restoreMark(margin, event, Date.now());
  const wire = { sent: options.send === true, calls: listed };
  printFound(terminal, { ...options, wire }, listed, (calls, paint) => {
    const outcome = options.send
      ? "marked: RepublishCalls publishes them within two minutes"
      : "not sent: add --send to have them published";
    return `${callsText(calls, Date.now(), paint)}  ${outcome}\n`;
  });
}

/** Forgets that events are to be published. */
export async function dismiss(eventIds: string[], options: TableOptions, terminal: Terminal): Promise<void> {
  const margin = openTable(options.table, "Margin");
  const names = eventIds.map(nameOf);
  const marked = new Set((await findMarks(margin, names)).map(idOf));
  const unknown = names.map(idOf).filter((id) => !marked.has(id));
  if (unknown.length > 0) {
    throw new CommandError(
      `${unknown.join(", ")}: not among the unpublished events of ${options.table}; plimsoll calls list names them`,
    );
  }
  await deleteMarks(margin, names);
  printFound(terminal, { ...options, wire: { dismissed: [...marked] } }, [...marked], (ids) => {
    return `${ids.join(", ")}: no longer to be published\n`;
  });
}

async function choose(
  eventIds: readonly string[],
  { account, pool, table }: RepublishOptions,
  margin: Table,
): Promise<StoredEvent[]> {
  if (eventIds.length > 0 && account !== undefined) {
    throw new CommandError("give event ids or --account, not both", { exitCode: exitCodes.usage });
  }
  if (account !== undefined) {
    const events = await loadEventsOf(margin, bookIdOf(account, pool ?? crossPoolId));
    if (events.length > 0) return events;
    throw new CommandError(`account ${account} has no event in its pool ${pool} in ${table}: check both ids`);
  }
  if (eventIds.length === 0) return loadEvents(margin, await loadMarks(margin));
  const events = await loadEvents(margin, [...new Set(eventIds)].map(nameOf));
  const missing = events.filter(({ problem }) => problem === eventMissing).map(idOf);
  if (missing.length === 0) return events;
  throw new CommandError(`${missing.join(", ")}: no such event in ${table}; its form is <account>/<sequence>`);
}

/** The event of an id: `<account>/<sequence>`, with the pool between them where it is not the cross pool. */
function nameOf(eventId: string): EventName {
  const [, bookId, sequence] = /^(.+)\/([1-9]\d*)$/.exec(eventId) ?? [];
  if (bookId !== undefined) return { bookId, sequence: Number(sequence) };
  throw new CommandError(`"${eventId}" is no event id; write <account>/<sequence>, such as ada/3`, {
    exitCode: exitCodes.usage,
  });
}

function idOf({ bookId, sequence }: EventName): string {
  return `${bookId}/${sequence}`;
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
