import { type Command, Option } from "commander";
import type { AccountOptions, accountViews } from "../commands/account.ts";
import type { Terminal } from "../output/terminal.ts";
import { onStage, severityOption, stageHelp, wholeNumber } from "./options.ts";

const help = `
Examples:
  $ plimsoll account ada
  $ plimsoll account ada --ladder
  $ plimsoll account ada --pool btc-iso --positions
  $ plimsoll account ada --explain --json
${stageHelp}`;

/** The other views of an account and what each shows. The compiler checks the names. */
const views: Readonly<Record<(typeof accountViews)[number], string>> = {
  scenarios: "the loss in every scenario",
  ladder: "at which prices the next severities begin",
  cures: "what would restore a severity",
  positions: "positions and balances with Greeks and their parts of the margin",
  explain: "why the pool has its severity, and what changed",
  history: "how the margin moved",
  calls: "all margin calls of the account, open and cured",
};

export function addAccountCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("account")
    .summary("one account of a running stage: margin, calls, scenarios, cures, history")
    .description("Shows the latest margin of an account, or one other view of it.")
    .argument("<account>", "its id")
    .option("--pool <id>", "one collateral pool; where it is left out all, or the cross pool for another view");
  const names = Object.keys(views);
  for (const [name, shows] of Object.entries(views)) {
    const others = names.filter((other) => other !== name);
    command.addOption(new Option(`--${name}`, `show instead ${shows}`).conflicts(others));
  }
  command
    .addOption(severityOption("--restore <severity>", "what cures are to restore").default("NORMAL"))
    .option("--limit <number>", "most points or calls to show", wholeNumber("--limit", 1, 10_000), 50);
  onStage(command)
    .addHelpText("after", help)
    .action(async (id: string, options: AccountOptions) =>
      (await import("../commands/account.ts")).account(id, options, terminal),
    );
}
