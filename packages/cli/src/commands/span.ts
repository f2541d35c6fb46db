import { checkKind, openDraft, parseFile, parseJson, readText } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { loadMarket, peggedIn, plainTerms, snapshotOfBatch } from "@plimsoll/markets";
import { AmountError } from "@plimsoll/schema";
import { marginOnSpanFile, ownSpanFile, readSpanFile, SpanFileError, writeSpanFile } from "@plimsoll/span-files";
import { reportMarket } from "../output/report-market.ts";
import { line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { readParameters } from "../parameters/read-parameters.ts";
import { reportSpan, spanPositions, spanText } from "../span/span-report.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface MarginOptions {
  readonly accountType?: string;
  readonly commodities?: string;
  readonly json?: true;
}

export interface WriteOptions {
  readonly market: string;
  readonly price?: StatedPrices;
  readonly parameters?: string;
}

/** How many of the contracts or instruments that are left out are named. The others are only counted. */
const named = 3;

export async function margin(
  path: string,
  positionsPath: string,
  options: MarginOptions,
  terminal: Terminal,
): Promise<void> {
  const text = readText(positionsPath);
  if (/^\s*</.test(text)) {
    throw new InputError(
      `${positionsPath} looks like a risk parameter file, in the place of positions: write plimsoll span margin <file> <positions>`,
      { mistakeIn: "request" },
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
      throw new InputError(`${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

export async function write(path: string, options: WriteOptions, terminal: Terminal): Promise<void> {
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
