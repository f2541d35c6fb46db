import type { limits } from "@plimsoll/schema";
import { type Command, Option } from "commander";
import type { ForgetOptions, LedgerOptions } from "../commands/accounts.ts";
import type { AccountsOptions } from "../commands/stage-lists.ts";
import type { Terminal } from "../output/terminal.ts";
import { methodOption, onStage, severityOption, stageHelp, tableOption, wholeNumber } from "./options.ts";

/** The limit of the schema, whose code is not loaded for these words. The compiler checks that both are equal. */
const mostShards: typeof limits.shards = 1_024;

const help = `
Examples:
  $ plimsoll accounts --severity MARGIN_CALL
  $ plimsoll accounts --order headroom --limit 20
  $ plimsoll accounts behind --table plimsoll-production-LedgerTable
  $ plimsoll accounts discard dave --table plimsoll-production-LedgerTable
  $ plimsoll accounts forget dave --table plimsoll-production-LedgerTable --margin plimsoll-production-MarginTable

Without a command it lists accounts: plimsoll accounts list --help shows how. The other commands work on the stage's Ledger
table, with the region and credentials of the environment.`;

const listHelp = `
Examples:
  $ plimsoll accounts --severity MARGIN_CALL
  $ plimsoll accounts --underlying BTC --order headroom --limit 20

The list is for operators and the back end. With --json it is the answer of GET /v1/accounts, without the summary.
${stageHelp}`;

export function addAccountsCommand(program: Command, terminal: Terminal): void {
  const accounts = program
    .command("accounts")
    .summary("all accounts of a running stage, by risk; those that lack events, and the ways back")
    .description("Lists accounts by risk, shows what the ledger lacks, and repairs what no account_state can.")
    .addHelpText("after", help);
  onStage(accounts.command("list", { isDefault: true }).description("The pools of all accounts of a running stage."))
    .addOption(severityOption("--severity <severity>", "only pools of this severity"))
    .addOption(methodOption("only pools margined by this method"))
    .option("--underlying <name>", "only pools that hold something of this underlying")
    .addOption(
      new Option("--order <order>", "by margin ratio, highest first; by headroom, least first; or by account id")
        .choices(["ratio", "headroom", "account"])
        .default("ratio"),
    )
    .option("--limit <number>", "most pools to list", wholeNumber("--limit", 1, 10_000), 50)
    .addHelpText("after", listHelp)
    .action(async (options: AccountsOptions) =>
      (await import("../commands/stage-lists.ts")).listAccounts(options, terminal),
    );
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
