import * as z from "zod";
import { limits, positiveDecimal, positivePrice, sourceId, symbol, utcTime } from "./primitives.ts";
import { instrumentQuotes } from "./products.ts";

/**
 * Index price of an underlying, or price of a collateral currency, in US dollars per unit. `at_par` names the
 * stablecoin that the sender assumed to be worth 1 US dollar without knowing: the underlying itself, or the currency it
 * is quoted in. Any real price takes precedence over such a quote, and results based on one say so.
 */
export const indexQuote = z.strictObject({
  kind: z.literal("index"),
  underlying: symbol,
  index_price: positivePrice,
  at_par: symbol.exactOptional(),
});

/**
 * The average index price so far of an expiry inside its settlement window, in quote currency per unit. If observed at
 * the expiry or later, it is the settlement price, whether there is a window or not.
 */
const settlementAverageQuote = z.strictObject({
  kind: z.literal("settlement_average"),
  underlying: symbol,
  expiry: utcTime,
  average_price: positivePrice,
});

/** Units of the underlying asset that one token redeems into (a staked coin, a share), as its protocol states. */
const redemptionRateQuote = z.strictObject({
  kind: z.literal("redemption_rate"),
  token: symbol,
  rate: positivePrice,
});

/** The reserves of a pool in units of each asset, and the number of tokens that share them. */
const poolReservesQuote = z.strictObject({
  kind: z.literal("pool_reserves"),
  token: symbol,
  reserves: z
    .array(z.strictObject({ asset: symbol, amount: positiveDecimal }))
    .min(2)
    .max(8),
  total_supply: positiveDecimal,
});

/** One quote. Each quote of a batch is parsed separately, so that a bad one does not affect the others. */
export const quote = z.discriminatedUnion("kind", [
  indexQuote,
  ...instrumentQuotes,
  settlementAverageQuote,
  redemptionRateQuote,
  poolReservesQuote,
]);
export type Quote = z.infer<typeof quote>;
/** A source's quote on an underlying other than its index price. */
export type MarkQuote = Exclude<Quote, { kind: "index" | "redemption_rate" | "pool_reserves" }>;
/** A source's reading of a protocol token. */
export type TokenQuote = Extract<Quote, { kind: "redemption_rate" | "pool_reserves" }>;

/**
 * Body of `POST /v1/quotes`. Instrument quotes replace all marks that this source had for their underlyings, and need
 * an index quote of the same underlying in the batch. An index quote alone only moves the price. Token quotes need no
 * other quote.
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

/** One refused value, and what would have been accepted. */
export const refusal = z.strictObject({
  path: z.string(),
  value: z.string(),
  problem: z.string(),
});
export type Refusal = z.infer<typeof refusal>;

export const quoteBatchAnswer = z.strictObject({
  accepted: z.int(),
  rejected: z.array(refusal),
  /** Underlyings that moved by more than the trigger, so that a sweep was requested at once. */
  sweep_requested_for: z.array(symbol),
});
export type QuoteBatchAnswer = z.infer<typeof quoteBatchAnswer>;
