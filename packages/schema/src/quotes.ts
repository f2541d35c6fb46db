import * as z from "zod";
import {
  decimal,
  fundingPeriodDays,
  fundingStyle,
  instrumentId,
  limits,
  nonNegativePrice,
  positiveDecimal,
  positivePrice,
  power,
  priceDecimal,
  settlementWindowMinutes,
  sourceId,
  symbol,
  utcTime,
} from "./primitives.ts";

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

const instrumentBase = {
  instrument_id: instrumentId,
  underlying: symbol,
  settlement: z.enum(["linear", "inverse"]),
  quote_currency: symbol,
  contract_size: positiveDecimal,
  forward_price: positivePrice,
  mark_price: nonNegativePrice,
};

const dated = { expiry: utcTime, settlement_window_minutes: settlementWindowMinutes.exactOptional() };

/** What perpetuals of all kinds have paid; see FundingState. Absent when the venue books funding itself. */
const cumulativeFunding = { cumulative_funding: priceDecimal.exactOptional() };

/** Highest volatility believed: 1,000 % a year. */
const maximumVolatility = 10;

const volatility = positiveDecimal.refine(
  (text) => Number(text) <= maximumVolatility,
  `a volatility of at most ${maximumVolatility} (1,000 % a year)`,
);

const optionTerms = { option_type: z.enum(["call", "put"]), strike: positivePrice };

const optionQuote = z.strictObject({
  kind: z.literal("option"),
  ...instrumentBase,
  ...optionTerms,
  ...dated,
  /** Per year, "0.52" is 52 %; null when the venue marks none. */
  mark_volatility: volatility.nullable(),
});

const futureQuote = z.strictObject({
  kind: z.literal("future"),
  ...instrumentBase,
  mark_price: positivePrice,
  ...dated,
});

const perpetualQuote = z.strictObject({
  kind: z.literal("perpetual"),
  ...instrumentBase,
  mark_price: positivePrice,
  /** Share of the value that a long is expected to pay each hour. */
  hourly_funding_rate: decimal.exactOptional(),
  ...cumulativeFunding,
});

const perpetualOptionQuote = z.strictObject({
  kind: z.literal("perpetual_option"),
  ...instrumentBase,
  ...optionTerms,
  funding_style: fundingStyle,
  funding_period_days: fundingPeriodDays,
  mark_volatility: volatility,
  ...cumulativeFunding,
});

const powerPerpetualQuote = z.strictObject({
  kind: z.literal("power_perpetual"),
  ...instrumentBase,
  mark_price: positivePrice,
  power,
  funding_period_days: fundingPeriodDays,
  mark_volatility: volatility,
  ...cumulativeFunding,
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
  optionQuote,
  futureQuote,
  perpetualQuote,
  perpetualOptionQuote,
  powerPerpetualQuote,
  settlementAverageQuote,
  redemptionRateQuote,
  poolReservesQuote,
]);
export type Quote = z.infer<typeof quote>;
/** What a source marks on an underlying, besides its index. */
export type MarkQuote = Exclude<Quote, { kind: "index" | "redemption_rate" | "pool_reserves" }>;
/** What a source reads of a token of a protocol. */
export type TokenQuote = Extract<Quote, { kind: "redemption_rate" | "pool_reserves" }>;
export type InstrumentQuote = Exclude<MarkQuote, { kind: "settlement_average" }>;

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
