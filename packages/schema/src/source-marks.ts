import type { SourceMarks } from "@plimsoll/oracle";
import type { FundingState, QuotedInstrument, SettlementAverage } from "@plimsoll/risk";
import * as z from "zod";
import { toNumber } from "./amounts.ts";
import { limits } from "./primitives.ts";
import { type InstrumentQuote, instrumentOf } from "./products.ts";
import type { MarkQuote } from "./quotes.ts";
import { quotedInstrument, settlementAverage } from "./snapshot.ts";
import { fromWire, toWire } from "./wire.ts";

/** `QUOTE#<underlying>` / `<source>#MARKS`: a source's marks of all its instruments on an underlying. */
const sourceMarks = z.strictObject({
  schema_version: z.literal(1),
  source: z.string(),
  observed_at_ms: z.int(),
  index_price: z.number().positive(),
  instruments: z.array(quotedInstrument).max(limits.instrumentsPerSnapshot),
  settlement_averages: z.array(settlementAverage).max(limits.instrumentsPerSnapshot).exactOptional(),
});

export function encodeMarks(marks: SourceMarks): z.infer<typeof sourceMarks> {
  return sourceMarks.parse(toWire({ schemaVersion: 1, ...marks }));
}

/** Parses stored marks; throws a ZodError when they are not valid. */
export function decodeMarks(wire: unknown): SourceMarks {
  const { schemaVersion: _, ...marks } = fromWire(sourceMarks.parse(wire));
  return marks;
}

/** Converts a source's quotes on one underlying to marks for the oracle. */
export function sourceMarksOf(
  { source, observedAtMs, indexPrice }: Pick<SourceMarks, "source" | "observedAtMs" | "indexPrice">,
  quotes: readonly MarkQuote[],
): SourceMarks {
  const instruments: QuotedInstrument[] = [];
  const settlementAverages: SettlementAverage[] = [];
  for (const quote of quotes) {
    if (quote.kind !== "settlement_average") instruments.push(quotedInstrumentOf(quote));
    else {
      const { underlying, expiry, average_price } = quote;
      settlementAverages.push({ underlying, expiryMs: Date.parse(expiry), averagePrice: toNumber(average_price) });
    }
  }
  const averages = settlementAverages.length === 0 ? {} : { settlementAverages };
  return { source, observedAtMs, indexPrice, instruments, ...averages };
}

/** Converts a venue's quote for the kernel. */
function quotedInstrumentOf(quote: InstrumentQuote): QuotedInstrument {
  const volatility = "mark_volatility" in quote ? quote.mark_volatility : null;
  return {
    instrument: instrumentOf(quote),
    forwardPrice: toNumber(quote.forward_price),
    markPrice: toNumber(quote.mark_price),
    markVolatility: volatility === null ? null : toNumber(volatility),
    volatilitySource: volatility === null ? null : "mark",
    ...fundingOf(quote),
  };
}

function fundingOf(quote: InstrumentQuote): { readonly funding?: FundingState } {
  const rate = "hourly_funding_rate" in quote ? quote.hourly_funding_rate : undefined;
  const cumulative = "cumulative_funding" in quote ? quote.cumulative_funding : undefined;
  if (rate === undefined && cumulative === undefined) return {};
  const numberOrNull = (figure: string | undefined) => (figure === undefined ? null : toNumber(figure));
  return { funding: { hourlyRate: numberOrNull(rate), cumulative: numberOrNull(cumulative) } };
}
