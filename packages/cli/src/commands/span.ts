import { openDraft } from "@plimsoll/local/whole-file";
import { AmountError } from "@plimsoll/schema";
import type { Command } from "commander";
import { CommandError, exitCodes } from "../errors.ts";
import { checkKind } from "../import/file-kind.ts";
import { loadMarket, reportMarket } from "../import/load-market.ts";
import { parseJson, peggedIn, plainTerms } from "../import/market-file.ts";
import { readParameters } from "../import/parameters.ts";
import { readText } from "../import/read-text.ts";
import { parseFile } from "../import/refusals.ts";
import { snapshotOfBatch } from "../margin/snapshot-of-batch.ts";
import { line, printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { marginOnSpanFile, ownSpanFile, readSpanFile, SpanFileError, writeSpanFile } from "../span-file/index.ts";
import { reportSpan, spanPositions, spanText } from "../span-file/span-report.ts";
import { priceOption, type StatedPrices } from "./options.ts";

interface MarginOptions {
  readonly accountType?: string;
  readonly commodities?: string;
  readonly json?: true;
}

interface WriteOptions {
  readonly market: string;
  readonly price?: StatedPrices;
  readonly parameters?: string;
}

/** Contracts and instruments left out that are named; the rest is counted. */
const named = 3;

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
    .action((file: string, positions: string, options: MarginOptions) => margin(file, positions, options, terminal));
  span
    .command("write")
    .description("Writes the arrays and parameters of the method span for a market as a risk parameter file.")
    .argument("<file>", "where to write, .spn")
    .requiredOption("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .addOption(priceOption())
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .action((file: string, options: WriteOptions) => write(file, options, terminal));
}

async function margin(path: string, positionsPath: string, options: MarginOptions, terminal: Terminal): Promise<void> {
  const text = readText(positionsPath);
  if (/^\s*</.test(text)) {
    throw new CommandError(
      `${positionsPath} looks like a risk parameter file, in the place of positions: write plimsoll span margin <file> <positions>`,
      { exitCode: exitCodes.usage },
    );
  }
  const value = parseJson(positionsPath, text);
  checkKind(positionsPath, value, "spanPositions");
  const given = parseFile(spanPositions, positionsPath, value);
  const positions = new Map<string, number>();
  for (const { contract_id, quantity } of given.positions) {
    positions.set(contract_id, (positions.get(contract_id) ?? 0) + quantity);
  }
  const { accountType, commodities } = options;
  try {
    const file = await readSpanFile(path, {
      contractIds: new Set(positions.keys()),
      ...(accountType !== undefined && { accountType }),
      ...(commodities !== undefined && { combinedCommodities: new Set(commodities.split(",")) }),
    });
    const report = reportSpan(file, marginOnSpanFile(file, positions));
    const { withoutArray, moreWithoutArray } = file;
    for (const contractId of withoutArray.slice(0, named)) {
      terminal.err(line`${contractId} skipped: the file has no risk array <ra> for it`);
    }
    const more = withoutArray.length + moreWithoutArray - named;
    if (more > 0) terminal.err(line`${more} more contracts without a risk array skipped`);
    printFound(terminal, options, report, spanText);
  } catch (error) {
    if (error instanceof SpanFileError || error instanceof AmountError) {
      throw new CommandError(`${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function write(path: string, options: WriteOptions, terminal: Terminal): Promise<void> {
  const parameters = readParameters(options.parameters, terminal);
  const prices = options.price ?? plainTerms.prices;
  const market = await loadMarket(options.market, { ...plainTerms, pegged: peggedIn(parameters), prices });
  reportMarket(market, terminal);
  const snapshot = snapshotOfBatch(market.batch);
  const { file, leftOut } = ownSpanFile(snapshot, parameters.methods.span);
  const draft = openDraft(path);
  try {
    for (const part of writeSpanFile(file, new Date(snapshot.asOfMs).toISOString())) draft.write(part);
    draft.keep();
  } finally {
    draft.drop();
  }
  for (const { instrumentId, reason } of leftOut.slice(0, named))
    terminal.err(line`${instrumentId} left out: ${reason}`);
  const more = leftOut.length > named ? `, ${leftOut.length} instruments left out` : "";
  terminal.out(line`${file.contracts.size} contracts in ${file.commodities.length} combined commodities${more}`);
}
