import type { Command } from "commander";
import type { MarginOptions } from "../commands/margin.ts";
import type { Terminal } from "../output/terminal.ts";
import { LateOption, priceOption } from "./options.ts";

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
    .addOption(
      new LateOption("--method <method>", "how to margin", "named", async (option) => {
        const { defaultMethodId, methodIds } = await import("@plimsoll/risk");
        option.choices([...methodIds, "both"]).default(defaultMethodId);
      }),
    )
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--json", "print one JSON object")
    .option("--out <file>", "write the JSON object to a file as well")
    .addHelpText("after", examples)
    .action(async (portfolio: string, options: MarginOptions) =>
      (await import("../commands/margin.ts")).margin(portfolio, options, terminal),
    );
}
