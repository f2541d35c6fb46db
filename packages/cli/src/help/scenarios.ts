import type { Command } from "commander";
import type { ScenariosOptions } from "../commands/scenarios.ts";
import type { Terminal } from "../output/terminal.ts";
import { collect } from "./options.ts";

const help = `
Examples:
  $ plimsoll scenarios BTC=btc.csv.gz ETH=eth.csv.gz --volatility BTC=dvol.csv --set-id daily-1
  $ plimsoll scenarios BTC=btc.csv ETH=eth.csv --set-id daily-1 --write parameters.json
  $ plimsoll margin packages/cli/examples/portfolio.json --market sample --method var --parameters parameters.json

Files of your own: btc.csv, eth.csv and btc.csv.gz, eth.csv.gz (prices), dvol.csv (a volatility index).

A gap of one underlying skips the scenario for all; every repair is listed. Prices are read from the column close (or
price_usd), volatilities from dvol (or close), times from open_time_utc, date, timestamp or time.`;

export function addScenariosCommand(program: Command, terminal: Terminal): void {
  program
    .command("scenarios")
    .summary("joint scenarios from price files, for the method var")
    .description("Builds joint scenarios of all underlyings from files of prices, as a document for the parameters.")
    .argument("<prices...>", "SYMBOL=file, CSV or gzip of it, one for each underlying")
    .option("--volatility <SYMBOL=file>", "implied volatilities of one underlying; repeat for more", collect, [])
    .requiredOption("--set-id <name>", "name and version of the set, such as daily-1")
    .option("--horizon <hours>", "hours that a move spans", "24")
    .option("--step <hours>", "hours from one scenario to the next", "24")
    .option("--from <date>", "first day, UTC")
    .option("--to <date>", "last day, UTC")
    .option("--parameters <file>", "parameter set to add it to, with --write; the shipped one by default")
    .option("--write <file>", "write a parameter set whose method var is measured on it")
    .option("--json", "print the set and its notes as one JSON object")
    .addHelpText("after", help)
    .action(async (prices: readonly string[], options: ScenariosOptions) =>
      (await import("../commands/scenarios.ts")).buildScenarios(prices, options, terminal),
    );
}
