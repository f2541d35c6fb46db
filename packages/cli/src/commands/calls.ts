import { type CallChoice, chooseCalls, dismissCalls, listUnpublished, parseEventId } from "@plimsoll/app";
import { InputError } from "@plimsoll/files/input-error";
import { crossPoolId, poolKeyOf } from "@plimsoll/risk";
import type { EventName, Table } from "@plimsoll/store";
import { callsText } from "../calls/calls-text.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
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

/** Prints the call events that are not published. */
export async function listCalls(options: TableOptions, terminal: Terminal): Promise<void> {
  const listed = await listUnpublished(openTable(options.table, "Margin"));
  printFound(terminal, { ...options, wire: { calls: listed } }, listed, (calls, paint) =>
    callsText(calls, Date.now(), paint),
  );
}

/**
 * Has call events published again: those named, those of one pool of an account, or all that are not published. Without
 * `send` it only prints them.
 */
export async function republish(eventIds: string[], options: RepublishOptions, terminal: Terminal): Promise<void> {
  const margin = openTable(options.table, "Margin");
  const { calls: listed, send } = await choose(eventIds, options, margin);
  if (options.send) await send(Date.now());
  const wire = { sent: options.send === true, calls: listed };
  printFound(terminal, { ...options, wire }, listed, (calls, paint) => {
    const outcome = options.send
      ? "marked: RepublishCalls publishes them within two minutes"
      : "not sent: add --send to have them published";
    return `${callsText(calls, Date.now(), paint)}  ${outcome}\n`;
  });
}

/** Removes call events from those that are to be published. */
export async function dismiss(eventIds: string[], options: TableOptions, terminal: Terminal): Promise<void> {
  const margin = openTable(options.table, "Margin");
  const outcome = await dismissCalls(margin, eventIds.map(nameOf));
  if ("unknown" in outcome) {
    throw new InputError(
      `${outcome.unknown.join(", ")}: not among the unpublished events of ${options.table}; plimsoll calls list names them`,
    );
  }
  printFound(terminal, { ...options, wire: outcome }, outcome.dismissed, (ids) => {
    return `${ids.join(", ")}: no longer to be published\n`;
  });
}

async function choose(eventIds: readonly string[], { account, pool, table }: RepublishOptions, margin: Table) {
  if (eventIds.length > 0 && account !== undefined) {
    throw new InputError("give event ids or --account, not both", { mistakeIn: "request" });
  }
  const choice: CallChoice =
    account !== undefined
      ? { poolKey: poolKeyOf(account, pool ?? crossPoolId) }
      : eventIds.length === 0
        ? "unpublished"
        : [...new Set(eventIds)].map(nameOf);
  const chosen = await chooseCalls(margin, choice);
  if ("missing" in chosen) {
    throw new InputError(`${chosen.missing.join(", ")}: no such event in ${table}; its form is <account>/<sequence>`);
  }
  if (account !== undefined && chosen.calls.length === 0) {
    throw new InputError(`account ${account} has no event in its pool ${pool} in ${table}: check both ids`);
  }
  return chosen;
}

function nameOf(eventId: string): EventName {
  const name = parseEventId(eventId);
  if (name !== undefined) return name;
  throw new InputError(`"${eventId}" is no event id; write <account>/<sequence>, such as ada/3`, {
    mistakeIn: "request",
  });
}
