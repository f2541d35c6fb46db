import { CommandError, exitCodes, messageOf } from "../errors.ts";
import { readChainCsv } from "./chain-csv.ts";
import { readDeribitJson } from "./deribit-json.ts";
import { fetchDeribit } from "./deribit-live.ts";
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
}

/** Sources that are asked over the network, as in `deribit:BTC,ETH`. */
export const livePrefix = "deribit:";

/** Reads `deribit:BTC,ETH` live, and any other name as a file: chain CSV, ticker CSV or JSON of Deribit, or quotes as posted, plain or gzip. */
export async function importMarket(source: string): Promise<ImportedMarket> {
  return source.startsWith(livePrefix) ? importLive(source) : importMarketFile(source);
}

async function importLive(source: string): Promise<ImportedMarket> {
  const currencies = source.slice(livePrefix.length).split(",");
  const wrong = currencies.find((currency) => !/^[A-Z0-9]{2,16}$/.test(currency));
  if (wrong !== undefined) {
    throw new CommandError(`--market: currency "${wrong}" is not one; write deribit:BTC,ETH`, {
      exitCode: exitCodes.usage,
    });
  }
  const rejects = new Rejects(source.replace(/[^A-Za-z0-9]+/g, "-"));
  const rows = readDeribitJson(source, await fetchDeribit(currencies), rejects);
  return { source, batch: buildMarketBatch(rows, rejects), rejects };
}

/** Reads a market file; throws a `CommandError` when nothing in it can be used. */
export function importMarketFile(path: string): ImportedMarket {
  const text = readText(path);
  const rejects = new Rejects(path);
  const json = /^\s*[[{]/.test(text) ? parseJson(path, text) : undefined;
  if (isQuoteFile(json)) return { source: path, batch: readQuoteFile(path, json, rejects), rejects };
  const rows = json === undefined ? readChainCsv(path, text, rejects) : readDeribitJson(path, json, rejects);
  return { source: path, batch: buildMarketBatch(rows, rejects), rejects };
}

/** Parses JSON; the error names the file and where it breaks. */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`${path} is not JSON (${messageOf(cause)}): repair it there`, { cause });
  }
}
