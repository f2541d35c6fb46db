import { type AccountBehind, discardPending, loadAccountsBehind } from "@plimsoll/app";
import { limits, toWire } from "@plimsoll/schema";
import { forgetAccount } from "@plimsoll/store";
import type { Command } from "commander";
import { CommandError } from "../errors.ts";
import { jsonLine, printFound } from "../output/shown.ts";
import { table } from "../output/table.ts";
import type { Paint, Terminal } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";
import { wholeNumber } from "./options.ts";

interface LedgerOptions {
  readonly table: string;
  readonly shards: number;
  readonly json?: true;
}

const help = `
Examples:
  $ plimsoll accounts behind --table plimsoll-production-LedgerTable
  $ plimsoll accounts discard dave --table plimsoll-production-LedgerTable
  $ plimsoll accounts forget dave --table plimsoll-production-LedgerTable --margin plimsoll-production-MarginTable

The table is the stage's Ledger table; region and credentials are those of the environment.`;

export function addAccountsCommand(program: Command, terminal: Terminal): void {
  const accounts = program
    .command("accounts")
    .summary("accounts that lack events: which, why, and the ways back")
    .description("Shows what the ledger lacks, and repairs what no account_state can.")
    .addHelpText("after", help);
  const onLedger = (name: string, description: string) =>
    accounts
      .command(name)
      .description(description)
      .requiredOption("--table <name>", "the stage's Ledger table")
      .option(
        "--shards <number>",
        "the stage's number of shards (stacks/stage.ts)",
        wholeNumber("--shards", 1, limits.shards),
        8,
      )
      .option("--json", "print one JSON object");
  onLedger("behind", "Accounts that lack events of the exchange, oldest first.").action(
    async (options: LedgerOptions) => {
      const behind = await loadAccountsBehind(openTable(options.table, "Ledger"), options.shards);
      printFound(terminal, { ...options, wire: toWire({ accounts: behind }) }, behind, behindText);
    },
  );

  onLedger("discard", "Prints what waits of an account, then takes it away; the account itself stays as it is.")
    .argument("<account>", "its id")
    .action(async (accountId: string, options: LedgerOptions) => {
      const ledger = openTable(options.table, "Ledger");
      const isDiscarded = await discardPending(ledger, accountId, options.shards, (events) =>
        terminal.out(jsonLine({ account_id: accountId, events: events.map(({ event }) => event) })),
      );
      if (!isDiscarded) {
        throw new CommandError(`nothing of ${accountId} waits in ${options.table}: see accounts behind, and --shards`);
      }
    });

  onLedger("forget", "Takes an account out of the ledger, so that its next account_state begins it at any sequence.")
    .argument("<account>", "its id")
    .requiredOption("--margin <name>", "the stage's Margin table")
    .action(async (accountId: string, options: LedgerOptions & { readonly margin: string }) => {
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
    });
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
