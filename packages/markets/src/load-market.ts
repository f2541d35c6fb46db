import { Rejects } from "@plimsoll/files";
import { isTokenQuote } from "@plimsoll/schema";
import { addPrices, type ImportedMarket, importMarket, plainTerms } from "./market-file.ts";
import type { MarketBatch } from "./quote-batch.ts";
import { sampleMarket } from "./sample/market.ts";

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

/** Prices that the user states of what no instrument and no balance is in; none where the market has tokens, which may redeem into it. */
export function unusedPrices({ batch, terms }: ImportedMarket): (readonly [string, string])[] {
  if (batch.quotes.some(isTokenQuote)) return [];
  const used = new Set(terms.held);
  for (const quote of batch.quotes) {
    if (!("instrument_id" in quote)) continue;
    used.add(quote.underlying).add(quote.quote_currency);
  }
  return [...terms.prices].filter(([coin]) => !used.has(coin));
}

/** Stablecoins that a batch takes at par, for want of a price. */
export function coinsAtPar({ quotes }: MarketBatch): ReadonlySet<string> {
  return new Set(quotes.flatMap((quote) => (quote.kind === "index" ? (quote.at_par ?? []) : [])));
}
