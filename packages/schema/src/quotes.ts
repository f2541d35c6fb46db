import * as z from "zod";
import { limits, positiveDecimal, positivePrice, sourceId, symbol, utcTime } from "./primitives.ts";
import { instrumentQuotes } from "./products.ts";

/**
 * Index price of an underlying or the price of a collateral currency, US dollars per unit. `at_par` names the stablecoin that the
 * sender took to be worth 1 US dollar without knowing: the underlying itself, or what it is quoted in. Any price wins over such
 * a quote, and whatever rests on it says so.
 */
export const indexQuote = z.strictObject({
  kind: z.literal("index"),
  underlying: symbol,
  index_price: positivePrice,
  at_par: symbol.exactOptional(),
});

/**
 * The average index so far of an expiry inside its settlement window; observed at its expiry or later, the price that it settles
 * at, with a window or without. Quote currency per unit.
 */
const settlementAverageQuote = z.strictObject({
  kind: z.literal("settlement_average"),
  underlying: symbol,
  expiry: utcTime,
  average_price: positivePrice,
});

/** Units of what it redeems into per unit of a token (a staked coin, a share), as its protocol says. */
const redemptionRateQuote = z.strictObject({
  kind: z.literal("redemption_rate"),
  token: symbol,
  rate: positivePrice,
});

/** What a pool holds, in units of each asset, and how many tokens share it. */
const poolReservesQuote = z.strictObject({
  kind: z.literal("pool_reserves"),
  token: symbol,
  reserves: z
    .array(z.strictObject({ asset: symbol, amount: positiveDecimal }))
    .min(2)
    .max(8),
  total_supply: positiveDecimal,
});

/** One quote; each of a batch is parsed by itself, so that a bad one does not cost the others. */
export const quote = z.discriminatedUnion("kind", [
  indexQuote,
  ...instrumentQuotes,
  settlementAverageQuote,
  redemptionRateQuote,
  poolReservesQuote,
]);
export type Quote = z.infer<typeof quote>;
/** What a source marks on an underlying, besides its index. */
export type MarkQuote = Exclude<Quote, { kind: "index" | "redemption_rate" | "pool_reserves" }>;
/** What a source reads of a token of a protocol. */
export type TokenQuote = Extract<Quote, { kind: "redemption_rate" | "pool_reserves" }>;

/**
 * Body of `POST /v1/quotes`. Instrument quotes replace all marks this source had for their underlyings
 * and need an index quote of the same underlying in the batch; an index quote alone only moves the price. Quotes of tokens stand
 * alone.
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
export type QuoteBatchAnswer = z.infer<typeof quoteBatchAnswer>;
