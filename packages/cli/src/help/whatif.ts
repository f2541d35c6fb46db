import type { Command } from "commander";
import type { WhatIfOptions } from "../commands/whatif.ts";
import type { Terminal } from "../output/terminal.ts";
import { collect, methodOption, onStage, stageHelp } from "./options.ts";

const help = `
Examples:
  $ plimsoll whatif ada --fill BTC-PERPETUAL=-0.5
  $ plimsoll whatif ada --fill BTC-PERPETUAL=-0.5@70000 --transfer USD=1000
  $ plimsoll whatif ada --price BTC=-12% --vol BTC=+20% --days 1
  $ plimsoll whatif ada --method static
  $ plimsoll whatif --portfolio packages/cli/examples/portfolio.json --price BTC=60000

Nothing is stored. A fill without a price is at the mark. Transfers come first, then fills; the market moves after them.
${stageHelp}`;

export function addWhatIfCommand(program: Command, terminal: Terminal): void {
  onStage(
    program
      .command("whatif")
      .summary("what a trade, a transfer or a move of the market would make of an account's margin")
      .description("Asks a running stage what a change would make of an account, or of a portfolio of a file.")
      .argument("[account]", "its id; left out with --portfolio")
      .option("--portfolio <file>", "a portfolio as JSON, as for margin, instead of an account")
      .option("--pool <id>", "the collateral pool of the account; the cross pool where it is left out")
      .option("--fill <instrument=contracts[@price]>", "a trade; negative sells (may be repeated)", collect)
      .option("--transfer <asset=amount>", "a deposit; negative withdraws (may be repeated)", collect)
      .option(
        "--price <underlying=move>",
        "a move such as BTC=-12%, or a price such as BTC=61000 (may be repeated)",
        collect,
      )
      .option("--vol <underlying=move>", "a move of all volatilities, such as BTC=+20% (may be repeated)", collect)
      .option("--days <number>", "days that pass")
      .addOption(methodOption("margin by this method after the change"))
      .option("--parameters-version <version>", "a stored version to margin with after the change")
      .option("--parameters <file>", "a parameter file that names what it changes for the question"),
  )
    .addHelpText("after", help)
    .action(async (account: string | undefined, options: WhatIfOptions) =>
      (await import("../commands/whatif.ts")).whatIf(account, options, terminal),
    );
}
