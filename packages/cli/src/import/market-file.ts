import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { errorText, type Quote } from "@plimsoll/schema";
import { CommandError, exitCodes } from "../errors.ts";
import { readChainCsv } from "./chain-csv.ts";
import { JsonLines, readDeribitJson } from "./deribit-json.ts";
import { fetchDeribit } from "./deribit-live.ts";
import { alreadyPriced, type MarketTerms, pricedIn, product } from "./dollar-prices.ts";
import { checkKind } from "./file-kind.ts";
import { buildMarketBatch, type MarketBatch } from "./quote-batch.ts";
import { isQuoteFile, readQuoteFile } from "./quote-file.ts";
import { readText } from "./read-text.ts";
import { Rejects } from "./rejects.ts";

/** A market read from a file or from the venue, with what was refused of it. */
export interface ImportedMarket {
  /** As the user named it. */
  readonly source: string;
  readonly batch: MarketBatch;
  readonly rejects: Rejects;
  /** What was asked of it, for asking again. */
  readonly terms: MarketTerms;
}

/** The stablecoins of a parameter set: what is worth a US dollar unless a price says otherwise. */
export function peggedIn({ collateral }: ParameterSet): ReadonlySet<string> {
  return new Set(collateral.flatMap(({ asset, valuation }) => (valuation.kind === "pegged" ? [asset] : [])));
}

/** What a market is asked for where nothing else is said: no price of the user's, and the stablecoins of the shipped set. */
export const plainTerms: MarketTerms = { prices: new Map(), pegged: peggedIn(defaultParameters), held: new Set() };

/** Sources that are asked over the network, as in `deribit:BTC,ETH`. */
export const livePrefix = "deribit:";

/** Reads `deribit:BTC,ETH` live, and any other name as a file: chain CSV, ticker CSV or JSON of Deribit, or quotes as posted, plain or gzip. */
export async function importMarket(source: string, terms = plainTerms): Promise<ImportedMarket> {
  return source.startsWith(livePrefix) ? importLive(source, terms) : importMarketFile(source, terms);
}

async function importLive(source: string, terms: MarketTerms): Promise<ImportedMarket> {
  const currencies = source.slice(livePrefix.length).split(",");
  const wrong = currencies.find((currency) => !/^[A-Z0-9]{2,16}$/.test(currency));
  if (wrong !== undefined) {
    throw new CommandError(`--market: currency "${wrong}" is not one; write deribit:BTC,ETH`, {
      exitCode: exitCodes.usage,
    });
  }
  const rejects = new Rejects(source.replace(/[^A-Za-z0-9]+/g, "-"));
  const rows = readDeribitJson(source, await fetchDeribit(currencies), rejects);
  return { source, batch: buildMarketBatch(rows, rejects, terms), rejects, terms };
}

/** Reads a market file; throws a `CommandError` when nothing in it can be used. */
export function importMarketFile(path: string, terms = plainTerms): ImportedMarket {
  const text = readText(path);
  const rejects = new Rejects(path);
  const json = /^\s*[[{]/.test(text) ? readJson(path, text, rejects) : undefined;
  checkKind(path, json, "market");
  if (isQuoteFile(json)) {
    return { source: path, batch: addPrices(readQuoteFile(path, json, rejects), terms), rejects, terms };
  }
  const rows = json === undefined ? readChainCsv(path, text, rejects) : readDeribitJson(path, json, rejects);
  return { source: path, batch: buildMarketBatch(rows, rejects, terms), rejects, terms };
}

/**
 * A batch whose prices are its own with those that the user states, each in place of par or of nothing; what the batch prices in a
 * stablecoin at par moves with the price that is stated for that coin. What it lacks otherwise stays unpriced, as on the stage that
 * it is posted to.
 */
export function addPrices(batch: MarketBatch, { prices }: MarketTerms): MarketBatch {
  const others = batch.quotes.flatMap((quote): Quote[] => {
    if (quote.kind !== "index") return [quote];
    const { underlying, index_price, at_par: currency } = quote;
    const stated = prices.get(underlying);
    if (stated !== undefined) {
      if (currency === undefined) throw alreadyPriced(underlying, stated, index_price);
      if (currency !== underlying) throw pricedIn({ coin: underlying, currency, price: index_price }, stated);
      return [];
    }
    const priceUsd = currency === undefined ? undefined : prices.get(currency);
    if (priceUsd === undefined) return [quote];
    return [{ kind: "index", underlying, index_price: product(index_price, priceUsd) }];
  });
  const stated = [...prices].map(([underlying, index_price]) => ({ kind: "index", underlying, index_price }) as const);
  return { ...batch, quotes: [...stated, ...others] };
}

/** JSON, or lines of it: of those a broken one is refused alone. */
function readJson(path: string, text: string, rejects: Rejects): unknown {
  const lines = text.split("\n");
  const hasMore = lines.slice(1).some((line) => line.trim() !== "");
  if (!hasMore || findJson(lines[0] ?? "") === undefined) return parseJson(path, text);
  return new JsonLines(
    lines.flatMap((text, index) => {
      const line = index + 1;
      if (text.trim() === "") return [];
      const read = findJson(text);
      if (read !== undefined && !nestsTooDeep(read.value)) return [{ line, value: read.value }];
      rejects.add({ line }, text, `a line of JSON: it ${read === undefined ? "is cut off or damaged" : tooDeep}`);
      return [];
    }),
  );
}

function findJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Parses JSON; the error names the file and where it breaks, or that it nests too deep. */
export function parseJson(path: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`${path} is not JSON (${errorText(cause)}): repair it there`, { cause });
  }
  if (nestsTooDeep(value)) throw new CommandError(`${path} ${tooDeep}`);
  return value;
}

/** Deepest nesting of lists and objects that is read: no file of ours comes near, and what calls itself level by level runs out of stack. */
const nestingLimit = 64;

const tooDeep = `nests more than ${nestingLimit} levels deep: give the file as it was written, or repair it`;

function nestsTooDeep(value: unknown): boolean {
  let level = [value].filter(isNested);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > nestingLimit) return true;
    level = level.flatMap((outer) => Object.values(outer).filter(isNested));
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
