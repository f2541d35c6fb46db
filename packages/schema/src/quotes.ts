import { z } from "zod";
import { instrumentId, limits, nonNegativeDecimal, positiveDecimal, sourceId, symbol, utcTime } from "./primitives.ts";

/** Index price of an underlying or the price of a collateral currency, US dollars per unit. */
export const indexQuote = z.strictObject({
  kind: z.literal("index"),
  underlying: symbol,
  index_price: positiveDecimal,
});

const instrumentBase = {
  instrument_id: instrumentId,
  underlying: symbol,
  settlement: z.enum(["linear", "inverse"]),
  quote_currency: symbol,
  contract_size: positiveDecimal,
  forward_price: positiveDecimal,
  mark_price: nonNegativeDecimal,
};

/** Highest volatility believed: 1,000 % a year. */
export const maximumVolatility = 10;

export const optionQuote = z.strictObject({
  kind: z.literal("option"),
  ...instrumentBase,
  option_type: z.enum(["call", "put"]),
  strike: positiveDecimal,
  expiry: utcTime,
  /** Per year, "0.52" is 52 %; null when the venue marks none. */
  mark_volatility: positiveDecimal
    .refine(
      (text) => Number(text) <= maximumVolatility,
      `a volatility of at most ${maximumVolatility} (1,000 % a year)`,
    )
    .nullable(),
});

export const futureQuote = z.strictObject({
  kind: z.literal("future"),
  ...instrumentBase,
  mark_price: positiveDecimal,
  expiry: utcTime,
});

export const perpetualQuote = z.strictObject({
  kind: z.literal("perpetual"),
  ...instrumentBase,
  mark_price: positiveDecimal,
});

/** One quote; each of a batch is parsed by itself, so that a bad one does not cost the others. */
export const quote = z.discriminatedUnion("kind", [indexQuote, optionQuote, futureQuote, perpetualQuote]);
export type Quote = z.infer<typeof quote>;
export type InstrumentQuote = Exclude<Quote, { kind: "index" }>;

/**
 * Body of `POST /v1/quotes`. Instrument quotes replace all marks this source had for their underlyings
 * and need an index quote of the same underlying in the batch; an index quote alone only moves the price.
 */
export const quoteBatch = z.strictObject({
  source: sourceId,
  observed_at: utcTime,
  quotes: z
    .array(z.unknown())
    .min(1)
    .max(limits.instrumentsPerSnapshot + 100),
});
export type QuoteBatch = z.infer<typeof quoteBatch>;

/** What was refused, and what would have been accepted. */
export const refusal = z.strictObject({
  path: z.string(),
  value: z.string(),
  problem: z.string(),
});
export type Refusal = z.infer<typeof refusal>;

export const quoteBatchAnswer = z.strictObject({
  accepted: z.int(),
  rejected: z.array(refusal),
  /** Underlyings whose move passed the trigger, so that a sweep was requested at once. */
  sweep_requested_for: z.array(symbol),
});
