import type { Command } from "commander";
import type { StressOptions } from "../commands/stress.ts";
import type { Terminal } from "../output/terminal.ts";
import { priceOption } from "./options.ts";

const help = `
Examples:
  $ plimsoll stress packages/cli/examples/portfolio.json --market sample
  $ plimsoll stress packages/cli/examples/portfolio.json --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz --json

Stresses are named after what happened (2020-03-12, 2021-05-19, 2023-03-11, 2025-10-10, 2026-02-05) or invented (gaps,
volatility, broken pegs, correlation to one, correlation broken down). Prices and volatilities move at once, no time passes.`;

export function addStressCommand(program: Command, terminal: Terminal): void {
  program
    .command("stress")
    .summary("what named stresses would cost one portfolio, worst first")
    .description("Revalues one portfolio in full in every named stress, worst first.")
    .argument("<portfolio>", "JSON file of the portfolio, as for margin")
    .requiredOption("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .addOption(priceOption())
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (portfolio: string, options: StressOptions) =>
      (await import("../commands/stress.ts")).stress(portfolio, options, terminal),
    );
}
