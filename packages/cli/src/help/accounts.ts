import type { limits } from "@plimsoll/schema";
import type { Command } from "commander";
import type { ForgetOptions, LedgerOptions } from "../commands/accounts.ts";
import type { Terminal } from "../output/terminal.ts";
import { tableOption, wholeNumber } from "./options.ts";

/** The limit of the schema, whose code is not loaded for these words. The compiler checks that both are equal. */
const mostShards: typeof limits.shards = 1_024;

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
      .addOption(tableOption("Ledger").makeOptionMandatory())
      .option(
        "--shards <number>",
        "the stage's number of shards (stacks/stage.ts)",
        wholeNumber("--shards", 1, mostShards),
        8,
      )
      .option("--json", "print one JSON object");
  onLedger("behind", "Accounts that lack events of the exchange, oldest first.").action(
    async (options: LedgerOptions) => (await import("../commands/accounts.ts")).listBehind(options, terminal),
  );

  onLedger("discard", "Prints what waits of an account, then takes it away; the account itself stays as it is.")
    .argument("<account>", "its id")
    .action(async (account: string, options: LedgerOptions) =>
      (await import("../commands/accounts.ts")).discardWaiting(account, options, terminal),
    );

  onLedger("forget", "Takes an account out of the ledger, so that its next account_state begins it at any sequence.")
    .argument("<account>", "its id")
    .addOption(tableOption("Margin", "--margin <name>").makeOptionMandatory())
    .action(async (account: string, options: ForgetOptions) =>
      (await import("../commands/accounts.ts")).forget(account, options, terminal),
    );
}
