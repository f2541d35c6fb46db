import { buildSnapshot, defaultOracleParameters, type UnderlyingQuotes } from "@plimsoll/oracle";
import type { MarketSnapshot, QuotedInstrument } from "@plimsoll/risk";
import { type InstrumentQuote, limits, nameSnapshot, toNumber } from "@plimsoll/schema";
import type { MarketBatch } from "../import/quote-batch.ts";

const quoteMaxAgeMs = 60_000;

/** The snapshot that the stage would pin if these were its only quotes, at the time they were observed. */
export function snapshotOfBatch(batch: MarketBatch): MarketSnapshot {
  const asOfMs = Date.parse(batch.observed_at);
  const instruments = batch.quotes.filter((quote) => quote.kind !== "index");
  const quotes = batch.quotes.flatMap((quote): UnderlyingQuotes[] => {
    if (quote.kind !== "index") return [];
    const { underlying } = quote;
    const observed = { source: batch.source, observedAtMs: asOfMs, indexPrice: toNumber(quote.index_price) };
    const own = instruments.filter((instrument) => instrument.underlying === underlying).map(quotedInstrument);
    return [{ underlying, index: [observed], marks: own.length > 0 ? [{ ...observed, instruments: own }] : [] }];
  });
  const { instrumentsPerSnapshot } = limits;
  const parameters = { ...defaultOracleParameters, quoteMaxAgeMs, instrumentsPerSnapshot };
  return nameSnapshot(buildSnapshot(quotes, asOfMs, null, parameters));
}

function quotedInstrument(quote: InstrumentQuote): QuotedInstrument {
  const base = {
    instrumentId: quote.instrument_id,
    underlying: quote.underlying,
    settlement: quote.settlement,
    quoteCurrency: quote.quote_currency,
    contractSize: toNumber(quote.contract_size),
  };
  const prices = { forwardPrice: toNumber(quote.forward_price), markPrice: toNumber(quote.mark_price) };
  switch (quote.kind) {
    case "perpetual":
      return { instrument: { kind: "perpetual", ...base }, ...prices, markVolatility: null, volatilitySource: null };
    case "future":
      return {
        instrument: { kind: "future", ...base, expiryMs: Date.parse(quote.expiry) },
        ...prices,
        markVolatility: null,
        volatilitySource: null,
      };
    case "option":
      return {
        instrument: {
          kind: "option",
          ...base,
          optionType: quote.option_type,
          strike: toNumber(quote.strike),
          expiryMs: Date.parse(quote.expiry),
        },
        ...prices,
        markVolatility: quote.mark_volatility === null ? null : toNumber(quote.mark_volatility),
        volatilitySource: quote.mark_volatility === null ? null : "mark",
      };
  }
}
