import { shardOf, toWire } from "@plimsoll/schema";
import {
  clearPending,
  findAccount,
  forgetAccount,
  loadPending,
  loadShardPending,
  type Pending,
  type Table,
} from "@plimsoll/store";
import { CommandError } from "../errors.ts";
import { jsonLine, printFound } from "../output/shown.ts";
import { table } from "../output/table.ts";
import type { Paint, Terminal } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";

export interface LedgerOptions {
  readonly table: string;
  readonly shards: number;
  readonly json?: true;
}

export interface ForgetOptions extends LedgerOptions {
  readonly margin: string;
}

/** Prints the accounts that lack events of the exchange, oldest first. */
export async function listBehind(options: LedgerOptions, terminal: Terminal): Promise<void> {
  const ledger = openTable(options.table, "Ledger");
  const shards = Array.from({ length: options.shards }, (_, shard) => loadShardPending(ledger, shard));
  const pending = (await Promise.all(shards)).flatMap((ofShard) => [...ofShard]);
  const behind = await Promise.all(pending.map((entry) => statedGap(ledger, options.shards, entry)));
  behind.sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  printFound(terminal, { ...options, wire: toWire({ accounts: behind }) }, behind, behindText);
}

/** Prints what waits of an account, then takes it away. */
export async function discardWaiting(accountId: string, options: LedgerOptions, terminal: Terminal): Promise<void> {
  const ledger = openTable(options.table, "Ledger");
  const shard = shardOf(accountId, options.shards);
  const { gap, events } = await loadPending(ledger, shard, accountId);
  if (gap === null && events.length === 0) {
    throw new CommandError(`nothing of ${accountId} waits in ${options.table}: see accounts behind, and --shards`);
  }
  terminal.out(jsonLine({ account_id: accountId, events: events.map(({ event }) => event) }));
  const sequences = events.map(({ ledgerSequence }) => ledgerSequence);
  await clearPending(ledger, shard, accountId, { sequences, isClosed: true });
}

/** Takes an account out of the ledger. */
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

interface StatedGap {
  readonly accountId: string;
  /** Null where the account is unknown or cannot be read. */
  readonly heldSequence: number | null;
  readonly openedAt: string;
  readonly requests: number;
  /** What was wrong with an event that was refused; null where none was. */
  readonly problem: string | null;
  readonly waitingSequences: readonly number[];
}

async function statedGap(
  ledger: Table,
  shardCount: number,
  [accountId, { gap, events }]: readonly [string, Pending],
): Promise<StatedGap> {
  const stored = await findAccount(ledger, accountId, shardCount);
  return {
    accountId,
    heldSequence: stored?.account?.ledgerSequence ?? null,
    openedAt: new Date(gap?.openedAtMs ?? 0).toISOString(),
    requests: gap?.requests ?? 0,
    problem: gap?.refused?.problem ?? null,
    waitingSequences: events.map(({ ledgerSequence }) => ledgerSequence),
  };
}

function behindText(behind: readonly StatedGap[], paint: Paint): string {
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
