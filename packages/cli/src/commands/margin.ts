import { writeWhole } from "@plimsoll/local/whole-file";
import { type MethodId, methodIds } from "@plimsoll/risk";
import { type Command, Option } from "commander";
import { CommandError, exitCodes } from "../errors.ts";
import { reportMargin } from "../margin/margin-report.ts";
import { marginText } from "../margin/margin-text.ts";
import { readQuestion } from "../margin/portfolio-question.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { priceOption, type StatedPrices } from "./options.ts";

interface MarginOptions {
  readonly price?: StatedPrices;
  readonly market: string;
  readonly method: MethodId | "both";
  readonly parameters?: string;
  readonly json?: true;
  readonly out?: string;
}

const examples = `
Examples:
  $ plimsoll margin packages/cli/examples/portfolio.json --market sample
  $ plimsoll margin packages/cli/examples/portfolio.json --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz --method both
  $ plimsoll margin packages/cli/examples/portfolio.json --market deribit:BTC,ETH --json
  $ plimsoll margin packages/cli/examples/perpetuals/portfolio.json --market packages/cli/examples/perpetuals/market.json

The portfolio is JSON: account_id, pool_currency (USD, BTC, …), collateral [{asset, amount}] and
positions [{instrument_id, quantity, entry_price}]; amounts are decimal strings, entry_price may be left out. A balance
below 0 is borrowed; a position's funding_index is the cumulative funding up to which it has paid.
open_orders [{order_id, instrument_id, quantity, price}] raise initial margin by their worst subset.
pools [{pool_id, pool_kind, collateral, positions, …}] are margined each by itself.`;

export function addMarginCommand(program: Command, terminal: Terminal): void {
  program
    .command("margin")
    .summary("margin one portfolio: components, worst scenario, Greeks, call prices")
    .description("Margins one portfolio against one market.")
    .argument("<portfolio>", "JSON file of the portfolio")
    .requiredOption(
      "-m, --market <market>",
      "sample, a chain file (.csv, .csv.gz, .json), quotes as posted (.json) or deribit:BTC,ETH",
    )
    .addOption(priceOption())
    .addOption(new Option("--method <method>", "how to margin").choices([...methodIds, "both"]).default("portfolio"))
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--json", "print one JSON object")
    .option("--out <file>", "write the JSON object to a file as well")
    .addHelpText("after", examples)
    .action((portfolio: string, options: MarginOptions) => margin(portfolio, options, terminal));
}

async function margin(path: string, options: MarginOptions, terminal: Terminal): Promise<void> {
  const question = await readQuestion(path, options, terminal);
  const methods: MethodId[] = options.method === "both" ? ["portfolio", "static"] : [options.method];
  const report = reportMargin({ ...question, methods });
  if (options.out !== undefined) writeWhole(options.out, `${JSON.stringify(report)}\n`);
  printFound(terminal, options, report, marginText);
  const methodReports = [report, ...report.pools].flatMap((pool) => pool.methods);
  for (const method of methodReports) {
    const gap = method.status === "not_margined" ? method : method.incomplete?.reasons[0];
    if (gap === undefined || (method.status === "margined" && method.incomplete?.in_doubt === 0)) continue;
    const { field, value, remedy } = gap;
    const extent = method.status === "margined" ? " in full" : "";
    // The text for people has said it already, with its remedy.
    const why = options.json ? `${field} is ${value}: ${remedy}` : "the reason stands above";
    throw new CommandError(`not margined${extent} by ${method.method_id}: ${why}`, { exitCode: exitCodes.failed });
  }
}
