import type { SourceMarks } from "@plimsoll/oracle";
import type { QuotedInstrument } from "@plimsoll/risk";
import { z } from "zod";
import { toNumber } from "./amounts.ts";
import { limits } from "./primitives.ts";
import type { InstrumentQuote } from "./quotes.ts";
import { quotedInstrument } from "./snapshot.ts";
import { fromWire, toWire } from "./wire.ts";

/** `QUOTE#<underlying>` / `<source>#MARKS`: all instruments of a source on an underlying. */
export const sourceMarks = z.strictObject({
  schema_version: z.literal(1),
  source: z.string(),
  observed_at_ms: z.int(),
  index_price: z.number().positive(),
  instruments: z.array(quotedInstrument).max(limits.instrumentsPerSnapshot),
});

export function encodeMarks(marks: SourceMarks): z.infer<typeof sourceMarks> {
  return sourceMarks.parse(toWire({ schemaVersion: 1, ...marks }));
}

/** Parses stored marks; throws a ZodError when they are none. */
export function decodeMarks(wire: unknown): SourceMarks {
  const { schemaVersion: _, ...marks } = fromWire(sourceMarks.parse(wire));
  return marks;
}

/** A venue's quote as the kernel sees it. */
export function quotedInstrumentOf(quote: InstrumentQuote): QuotedInstrument {
  const base = {
    instrumentId: quote.instrument_id,
    underlying: quote.underlying,
    settlement: quote.settlement,
    quoteCurrency: quote.quote_currency,
    contractSize: toNumber(quote.contract_size),
  };
  const prices = { forwardPrice: toNumber(quote.forward_price), markPrice: toNumber(quote.mark_price) };
  switch (quote.kind) {
    case "option": {
      const volatility = quote.mark_volatility;
      return {
        instrument: {
          kind: "option",
          ...base,
          optionType: quote.option_type,
          strike: toNumber(quote.strike),
          expiryMs: Date.parse(quote.expiry),
        },
        ...prices,
        markVolatility: volatility === null ? null : toNumber(volatility),
        volatilitySource: volatility === null ? null : "mark",
      };
    }
    case "future":
      return {
        instrument: { kind: "future", ...base, expiryMs: Date.parse(quote.expiry) },
        ...prices,
        markVolatility: null,
        volatilitySource: null,
      };
    case "perpetual":
      return {
        instrument: { kind: "perpetual", ...base },
        ...prices,
        markVolatility: null,
        volatilitySource: null,
      };
  }
}
