import { Rejects } from "@plimsoll/files";
import { isTokenQuote } from "@plimsoll/schema";
import { addPrices, type ImportedQuotes, importMarket, plainTerms } from "./market-file.ts";
import type { MarketBatch } from "./quote-batch.ts";
import { sampleMarket } from "./sample/market.ts";

/** The time of the sample market. It is fixed, so that the sample market is the same on every day. */
const sampleTimeMs = Date.UTC(2026, 2, 2, 12);

export const defaultSeed = 1;

/** Returns the market that `--market` names: `sample`, a file, or `deribit:BTC,ETH`. */
export async function loadMarket(
  source: string,
  terms = plainTerms,
  seed = defaultSeed,
  sampleAtMs = sampleTimeMs,
): Promise<ImportedQuotes> {
  if (source !== "sample") return importMarket(source, terms);
  return { source, batch: addPrices(sampleMarket(seed, sampleAtMs), terms), rejects: new Rejects("sample"), terms };
}

/**
 * Returns the prices that the user states for currencies which no instrument and no balance uses. Returns none if the
 * market has tokens, since a token may redeem into any of those currencies.
 */
export function unusedPrices({ batch, terms }: ImportedQuotes): (readonly [string, string])[] {
  if (batch.quotes.some(isTokenQuote)) return [];
  const used = new Set(terms.held);
  for (const quote of batch.quotes) {
    if (!("instrument_id" in quote)) continue;
    used.add(quote.underlying).add(quote.quote_currency);
  }
  return [...terms.prices].filter(([coin]) => !used.has(coin));
}

/** Returns the stablecoins that a batch takes at par because it has no price of them. */
export function coinsAtPar({ quotes }: MarketBatch): ReadonlySet<string> {
  return new Set(quotes.flatMap((quote) => (quote.kind === "index" ? (quote.at_par ?? []) : [])));
}
