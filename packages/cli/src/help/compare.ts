import type { Command } from "commander";
import type { CompareOptions } from "../commands/compare.ts";
import type { Terminal } from "../output/terminal.ts";
import { priceOption } from "./options.ts";

const examples = `
Examples:
  $ plimsoll compare packages/cli/examples/typical/iron-condor.json --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz
  $ plimsoll compare packages/cli/examples/portfolio.json --market sample --html comparison.html

Methods named after a venue follow its published rules; none is the venue's own number.`;

export function addCompareCommand(program: Command, terminal: Terminal): void {
  program
    .command("compare")
    .summary("one portfolio under all methods: requirement, components, worst scenario")
    .description("Margins one portfolio against one market by every method, side by side.")
    .argument("<portfolio>", "JSON file of the portfolio, as for margin")
    .requiredOption("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .addOption(priceOption())
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--json", "print one JSON object")
    .option("--html <file>", "write a page with the table and the risk profile")
    .addHelpText("after", examples)
    .action(async (portfolio: string, options: CompareOptions) =>
      (await import("../commands/compare.ts")).compare(portfolio, options, terminal),
    );
}
