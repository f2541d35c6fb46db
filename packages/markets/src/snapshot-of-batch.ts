import { buildSnapshot, defaultOracleParameters, type UnderlyingQuotes } from "@plimsoll/oracle";
import { type MarketSnapshot, MS_PER_MINUTE } from "@plimsoll/risk";
import { isTokenQuote, limits, nameSnapshot, sourceMarksOf, sourceTokenOf, toNumber } from "@plimsoll/schema";
import type { MarketBatch } from "./quote-batch.ts";

const quoteMaxAgeMs = MS_PER_MINUTE;

/**
 * Returns the snapshot that the stage would pin if these were its only quotes, at the time at which they were observed.
 */
export function snapshotOfBatch(batch: MarketBatch): MarketSnapshot {
  const asOfMs = Date.parse(batch.observed_at);
  const marks = batch.quotes.filter((quote) => quote.kind !== "index" && !isTokenQuote(quote));
  const quotes = batch.quotes.flatMap((quote): UnderlyingQuotes[] => {
    if (isTokenQuote(quote)) {
      const read = sourceTokenOf({ source: batch.source, observedAtMs: asOfMs }, quote);
      return [{ underlying: quote.token, index: [], marks: [], tokens: [read] }];
    }
    if (quote.kind !== "index") return [];
    const { underlying, at_par: atPar } = quote;
    const observed = { source: batch.source, observedAtMs: asOfMs, indexPrice: toNumber(quote.index_price) };
    const own = marks.filter((mark) => mark.underlying === underlying);
    const index = atPar === undefined ? observed : { ...observed, atPar };
    return [{ underlying, index: [index], marks: own.length > 0 ? [sourceMarksOf(observed, own)] : [] }];
  });
  const { instrumentsPerSnapshot } = limits;
  const parameters = { ...defaultOracleParameters, quoteMaxAgeMs, instrumentsPerSnapshot };
  return nameSnapshot(buildSnapshot(quotes, asOfMs, null, parameters));
}
