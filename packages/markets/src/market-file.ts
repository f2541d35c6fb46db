import { checkKind, InputError, nestsTooDeep, parseJson, Rejects, readText, tooDeep } from "@plimsoll/files";
import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import type { Quote } from "@plimsoll/schema";
import { readChainCsv } from "./chain-csv.ts";
import { JsonLines, readDeribitJson } from "./deribit-json.ts";
import { fetchDeribit } from "./deribit-live.ts";
import { alreadyPriced, type MarketTerms, pricedIn, product } from "./dollar-prices.ts";
import { buildMarketBatch, type MarketBatch } from "./quote-batch.ts";
import { isQuoteFile, readQuoteFile } from "./quote-file.ts";

/** A market that was read from a file or from the venue, with the rows that were refused. */
export interface ImportedQuotes {
  /** The source, as the user named it. */
  readonly source: string;
  readonly batch: MarketBatch;
  readonly rejects: Rejects;
  /** The terms that the market was asked for, kept so that it can be asked for again. */
  readonly terms: MarketTerms;
}

/** Returns the stablecoins of a parameter set. Each is worth 1 US dollar unless a price says otherwise. */
export function peggedIn({ collateral }: ParameterSet): ReadonlySet<string> {
  return new Set(collateral.flatMap(({ asset, valuation }) => (valuation.kind === "pegged" ? [asset] : [])));
}

/** The terms when the user gives none: no stated prices, and the stablecoins of the shipped parameter set. */
export const plainTerms: MarketTerms = { prices: new Map(), pegged: peggedIn(defaultParameters), held: new Set() };

/** The prefix of sources that are fetched over the network, as in `deribit:BTC,ETH`. */
export const livePrefix = "deribit:";

/**
 * Reads `deribit:BTC,ETH` live, and any other name as a file. A file, plain or gzip, holds a chain CSV, a ticker CSV,
 * JSON of Deribit, or quotes as they are posted.
 */
export async function importMarket(source: string, terms = plainTerms): Promise<ImportedQuotes> {
  return source.startsWith(livePrefix) ? importLive(source, terms) : importMarketFile(source, terms);
}

async function importLive(source: string, terms: MarketTerms): Promise<ImportedQuotes> {
  const currencies = source.slice(livePrefix.length).split(",");
  const wrong = currencies.find((currency) => !/^[A-Z0-9]{2,16}$/.test(currency));
  if (wrong !== undefined) {
    throw new InputError(`--market: currency "${wrong}" is not one; write deribit:BTC,ETH`, {
      mistakeIn: "request",
    });
  }
  const rejects = new Rejects(source.replace(/[^A-Za-z0-9]+/g, "-"));
  const rows = readDeribitJson(source, await fetchDeribit(currencies), rejects);
  return { source, batch: buildMarketBatch(rows, rejects, terms), rejects, terms };
}

/** Reads a market file. Throws an `InputError` if nothing in it can be used. */
export function importMarketFile(path: string, terms = plainTerms): ImportedQuotes {
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
 * Returns the batch with the prices that the user states added to its own. A stated price replaces a price at par, or
 * stands where there was none. Prices that rest on a stablecoin at par are scaled by the price that is stated for that
 * coin. Whatever else the batch lacks stays unpriced, as it would on a stage that the batch is posted to.
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

/** Parses a file that is one JSON value or has one on each line. A broken line is refused alone. */
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
