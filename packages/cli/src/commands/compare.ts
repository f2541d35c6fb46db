import { writeWhole } from "@plimsoll/local/whole-file";
import type { Command } from "commander";
import { compareHtml } from "../compare/compare-html.ts";
import { reportComparison } from "../compare/compare-report.ts";
import { compareText } from "../compare/compare-text.ts";
import { CommandError } from "../errors.ts";
import { readQuestion } from "../margin/portfolio-question.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { priceOption, type StatedPrices } from "./options.ts";

interface CompareOptions {
  readonly price?: StatedPrices;
  readonly market: string;
  readonly parameters?: string;
  readonly json?: true;
  readonly html?: string;
}

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
    .action((portfolio: string, options: CompareOptions) => compare(portfolio, options, terminal));
}

async function compare(path: string, options: CompareOptions, terminal: Terminal): Promise<void> {
  const report = reportComparison(await readQuestion(path, options, terminal));
  if (options.html !== undefined) writeWhole(options.html, compareHtml(report));
  printFound(terminal, options, report, compareText);
  const [first] = report.methods;
  if (first?.status === "not_margined" && report.methods.every(({ status }) => status === "not_margined")) {
    throw new CommandError(`not margined by any method: ${first.field} is ${first.value}: ${first.remedy}`);
  }
}
