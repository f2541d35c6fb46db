import type { Command } from "commander";
import type { MarginOptions, WriteOptions } from "../commands/span.ts";
import type { Terminal } from "../output/terminal.ts";
import { priceOption } from "./options.ts";

const help = `
Examples:
  $ plimsoll span margin test/fixtures/cases/span/v-phy-no-ra.spn.gz test/fixtures/cases/span/p1.json
  $ plimsoll span write own.spn --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz

A file of positions: {"positions": [{"contract_id": "NSE:NIFTY:FUT:20260630", "quantity": -50}]}. Contract ids are
exchange:product:type:period[:C|P:strike], or in files of our own the ids of the instruments.`;

export function addSpanCommand(program: Command, terminal: Terminal): void {
  const span = program
    .command("span")
    .summary("SPAN risk parameter files (.spn): margin positions on one, write our own")
    .description("Reads and writes SPAN risk parameter files in XML, as streams.")
    .addHelpText("after", help);
  span
    .command("margin")
    .description("Margins positions on the published arrays and parameters of a file.")
    .argument("<file>", "risk parameter file, .spn or .spn.gz")
    .argument("<positions>", "JSON file of contract ids and signed contracts")
    .option("--account-type <letter>", "whose initial rate applies: H, M, S, N …; the file's first when absent")
    .option("--commodities <names>", "combined commodities to look for the contracts in, with commas; all when absent")
    .option("--json", "print one JSON object")
    .action(async (file: string, positions: string, options: MarginOptions) =>
      (await import("../commands/span.ts")).margin(file, positions, options, terminal),
    );
  span
    .command("write")
    .description("Writes the arrays and parameters of the method span for a market as a risk parameter file.")
    .argument("<file>", "where to write, .spn")
    .requiredOption("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .addOption(priceOption())
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .action(async (file: string, options: WriteOptions) =>
      (await import("../commands/span.ts")).write(file, options, terminal),
    );
}
