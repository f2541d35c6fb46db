import type { Command } from "commander";
import type { ImportOptions } from "../commands/import.ts";
import type { Terminal } from "../output/terminal.ts";
import { priceOption, tokenOption } from "./options.ts";

const examples = `
Examples:
  $ plimsoll import test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz --out quotes.json
  $ plimsoll import deribit:BTC,ETH --post "$PLIMSOLL_URL"
  $ curl -s 'https://www.deribit.com/api/v2/public/get_book_summary_by_currency?currency=BTC&kind=option' > book.json
  $ plimsoll import book.json

Known are recorded chains and ticker rows as CSV, and Deribit's answers of get_book_summary_by_currency and ticker and its
notifications of ticker, incremental_ticker and deribit_price_index as JSON or lines of JSON, each plain or gzip. A row that
cannot be used is refused alone: see .plimsoll/rejects/. A stablecoin that nothing prices is taken at par, which the batch says
(at_par), unless --price states what it costs.`;

export function addImportCommand(program: Command, terminal: Terminal): void {
  program
    .command("import")
    .summary("turn a market file, or Deribit's live answers, into a batch of quotes")
    .description("Turns a market into the body of POST /v1/quotes and prints it, writes it or posts it.")
    .argument("<market>", "a chain file (.csv, .csv.gz, .json), deribit:BTC,ETH or sample")
    .addOption(priceOption())
    .option("--out <file>", "write the batch there instead of printing it")
    .option("--post <url>", "post the batch to the stage whose API is at this address")
    .addOption(tokenOption())
    .addHelpText("after", examples)
    .action(async (market: string, options: ImportOptions) =>
      (await import("../commands/import.ts")).importQuotes(market, options, terminal),
    );
}
