import { join } from "node:path";
import { FileError } from "@plimsoll/local/whole-file";
import { isTokenQuote } from "@plimsoll/schema";
import { line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { sampleMarket } from "../sample/market.ts";
import { addPrices, type ImportedMarket, importMarket, plainTerms } from "./market-file.ts";
import { describeReject, keepRejects, Rejects } from "./rejects.ts";

/** The sample market's own time, so that it is the same market on every day. */
const sampleTimeMs = Date.UTC(2026, 2, 2, 12);

export const defaultSeed = 1;

/** The market that `--market` names: `sample`, a file, or `deribit:BTC,ETH`. */
export async function loadMarket(
  source: string,
  terms = plainTerms,
  seed = defaultSeed,
  sampleAtMs = sampleTimeMs,
): Promise<ImportedMarket> {
  if (source !== "sample") return importMarket(source, terms);
  return { source, batch: addPrices(sampleMarket(seed, sampleAtMs), terms), rejects: new Rejects("sample"), terms };
}

/** Says what of a market was refused, which stated prices nothing uses, and which stablecoins it takes at par for want of a price. */
export function reportMarket(market: ImportedMarket, terminal: Terminal): void {
  const { batch, rejects } = market;
  reportRejects(rejects, terminal);
  for (const [coin, price] of unusedPrices(market)) {
    const why = line`--price ${coin}=${price} changes nothing: no instrument of the market and no balance given is in ${coin}`;
    terminal.err(why);
  }
  const atPar = new Set(batch.quotes.flatMap((quote) => (quote.kind === "index" ? (quote.at_par ?? []) : [])));
  for (const coin of atPar) {
    const remedy = line`${coin} is taken at par, for the market does not price it: state its price with --price ${coin}=0.999`;
    terminal.err(remedy);
  }
}

/** Prices that the user states of what no instrument and no balance is in; none where the market has tokens, which may redeem into it. */
function unusedPrices({ batch, terms }: ImportedMarket): (readonly [string, string])[] {
  if (batch.quotes.some(isTokenQuote)) return [];
  const used = new Set(terms.held);
  for (const quote of batch.quotes) {
    if (!("instrument_id" in quote)) continue;
    used.add(quote.underlying).add(quote.quote_currency);
  }
  return [...terms.prices].filter(([coin]) => !used.has(coin));
}

const describedRejects = 3;

/**
 * Keeps the refused rows of an input under `.plimsoll/rejects/` of the working folder and says so: how many, the first few, and where
 * they are. Where that folder cannot be written, the rows are refused all the same and it is said that they are not kept.
 */
export function reportRejects(rejects: Rejects, { directory, err }: Terminal): void {
  const kept = keptWords(rejects, join(directory, ".plimsoll", "rejects"));
  if (kept === null) return;
  const { list } = rejects;
  for (const reject of list.slice(0, describedRejects)) err(line`${describeReject(reject)}`);
  const more = list.length > describedRejects ? `, ${list.length - describedRejects} of them not shown` : "";
  err(line`${list.length} refused${more}; ${kept}`);
}

function keptWords(rejects: Rejects, directory: string): string | null {
  try {
    const path = keepRejects(rejects, directory);
    return path === null ? null : `each with its reason in ${path}`;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return rejects.list.length === 0 ? null : `their reasons are not kept: ${error.message}`;
  }
}
