import { type AccountBehind, discardPending, loadAccountsBehind } from "@plimsoll/app";
import { InputError } from "@plimsoll/files/input-error";
import { toWire } from "@plimsoll/schema";
import { forgetAccount } from "@plimsoll/store";
import { jsonLine } from "../output/shown.ts";
import { table } from "../output/table.ts";
import type { Paint, Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";

export interface LedgerOptions {
  readonly table: string;
  readonly shards: number;
  readonly json?: true;
}

export interface ForgetOptions extends LedgerOptions {
  readonly margin: string;
}

/** Prints the accounts that lack events of the exchange, those with the oldest gap first. */
export async function listBehind(options: LedgerOptions, terminal: Terminal): Promise<void> {
  const behind = await loadAccountsBehind(openTable(options.table, "Ledger"), options.shards);
  printFound(terminal, { ...options, wire: toWire({ accounts: behind }) }, behind, behindText);
}

/** Prints the waiting events of an account, then deletes them. */
export async function discardWaiting(accountId: string, options: LedgerOptions, terminal: Terminal): Promise<void> {
  const ledger = openTable(options.table, "Ledger");
  const isDiscarded = await discardPending(ledger, accountId, options.shards, (events) =>
    terminal.out(jsonLine({ account_id: accountId, events: events.map(({ event }) => event) })),
  );
  if (!isDiscarded) {
    throw new InputError(`nothing of ${accountId} waits in ${options.table}: see accounts behind, and --shards`);
  }
}

/** Removes an account from the ledger, so that its next account_state begins it at any sequence. */
export async function forget(accountId: string, options: ForgetOptions, terminal: Terminal): Promise<void> {
  const tables = {
    ledger: openTable(options.table, "Ledger"),
    margin: openTable(options.margin, "Margin", "--margin"),
  };
  const forgotten = await forgetAccount(tables, accountId, options.shards);
  const found = { accountId, ...forgotten };
  printFound(terminal, { ...options, wire: toWire(found) }, found, ({ accountId, heldSequence, waitingEvents }) =>
    [
      `${accountId} held sequence ${heldSequence ?? "none"}; ${waitingEvents} waiting events are gone.`,
      "Its severity and open calls stay. Send its account_state now: until then it is not margined.",
      "",
    ].join("\n"),
  );
}

function behindText(behind: readonly AccountBehind[], paint: Paint): string {
  if (behind.length === 0) return "no account lacks an event\n";
  const rows = behind.map(({ accountId, heldSequence, openedAt, requests, problem, waitingSequences }) => [
    accountId,
    heldSequence === null ? "nothing readable" : String(heldSequence),
    openedAt.slice(0, 19).replace("T", " "),
    String(requests),
    waitingSequences.length === 0 ? "" : `${waitingSequences.length}, from ${waitingSequences[0]}`,
    problem ?? "",
  ]);
  const heads = ["account", "holds", "since (UTC)", "asked", "waiting", "refused"].map((head) => ({ head }));
  return `\n${table(heads, rows, paint)}\n`;
}
