import type { Command } from "commander";
import type { ExplainOptions } from "../commands/explain.ts";
import type { Terminal } from "../output/terminal.ts";
import { crossPool, LateOption, priceOption, TableOption } from "./options.ts";
import { stageVariables } from "./stage-variables.ts";

const examples = `
Examples:
  $ plimsoll explain packages/cli/examples/portfolio.json --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz --out monday.json
  $ plimsoll explain packages/cli/examples/portfolio.json --market test/fixtures/data/options/deribit_chain_20260206T155121Z.csv.gz --against monday.json
  $ plimsoll explain packages/cli/examples/portfolio.json --market sample --restore WARNING --json
  $ plimsoll explain alice --tables plimsoll-production-MarketTable,…-MarginTable,…-LedgerTable

What changed is found by full revaluation, one kind of change after the other in the order shown. A position without an
entry price keeps the one of the earlier result. Cures are figures, not advice.

With --tables an account of a stage is explained as its latest result has it, against the market of its last call event;
region and credentials are those of the environment.`;

export function addExplainCommand(program: Command, terminal: Terminal): void {
  program
    .command("explain")
    .summary("why an account is called or not, what drives it, what changed, what would restore a level")
    .description("Explains the margin of one portfolio against one market, or of an account of a stage.")
    .argument("<portfolio>", "JSON file of the portfolio, as for margin; with --tables the id of an account")
    .option("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .addOption(priceOption())
    .addOption(
      new TableOption(
        "--tables <names>",
        "the stage's Market, Margin and Ledger tables, with commas",
        [stageVariables.marketTable, stageVariables.marginTable, stageVariables.ledgerTable],
        ["market"],
      ),
    )
    .option("--pool <id>", "which pool of the account, with --tables", crossPool)
    .addOption(
      new LateOption("--method <method>", "how to margin; else as the portfolio says", "named", async (option) =>
        option.choices((await import("@plimsoll/risk")).methodIds),
      ),
    )
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--against <file>", "an earlier result of explain, from --out or --json")
    .addOption(
      new LateOption("--restore <severity>", "the level that cures are to restore", "named", async (option) =>
        option.choices((await import("@plimsoll/risk")).severities),
      ).default("NORMAL"),
    )
    .option("--json", "print one JSON object")
    .option("--out <file>", "write the JSON object to a file as well")
    .addHelpText("after", examples)
    .action(async (portfolio: string, options: ExplainOptions) =>
      (await import("../commands/explain.ts")).explain(portfolio, options, terminal),
    );
}
