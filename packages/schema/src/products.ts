import type { Instrument, ProductKind } from "@plimsoll/risk";
import * as z from "zod";
import { toNumber } from "./amounts.ts";
import {
  decimal,
  fundingPeriodDays,
  fundingStyle,
  instrumentId,
  nonNegativePrice,
  positiveDecimal,
  positivePrice,
  power,
  priceDecimal,
  settlementWindowMinutes,
  symbol,
  utcTime,
} from "./primitives.ts";

const settlement = z.enum(["linear", "inverse"]);
const optionType = z.enum(["call", "put"]);

const quotedBase = {
  instrument_id: instrumentId,
  underlying: symbol,
  settlement,
  quote_currency: symbol,
  contract_size: positiveDecimal,
  forward_price: positivePrice,
  mark_price: nonNegativePrice,
};

const quotedDated = { expiry: utcTime, settlement_window_minutes: settlementWindowMinutes.exactOptional() };
const quotedOptionTerms = { option_type: optionType, strike: positivePrice };

/** Cumulative funding of a perpetual of any kind; see FundingState. It is absent if the venue books funding itself. */
const cumulativeFunding = { cumulative_funding: priceDecimal.exactOptional() };

/** Highest accepted volatility: 1,000 % a year. */
const maximumVolatility = 10;

const volatility = positiveDecimal.refine(
  (text) => Number(text) <= maximumVolatility,
  `a volatility of at most ${maximumVolatility} (1,000 % a year)`,
);

/** The schema of each product's quotes. A product without an entry does not compile. */
const quotes = {
  option: z.strictObject({
    kind: z.literal("option"),
    ...quotedBase,
    ...quotedOptionTerms,
    ...quotedDated,
    /** Per year: "0.52" is 52 %. It is null if the venue marks none. */
    mark_volatility: volatility.nullable(),
  }),
  future: z.strictObject({
    kind: z.literal("future"),
    ...quotedBase,
    mark_price: positivePrice,
    ...quotedDated,
  }),
  perpetual: z.strictObject({
    kind: z.literal("perpetual"),
    ...quotedBase,
    mark_price: positivePrice,
    /** Fraction of the position's value that a long is expected to pay each hour. */
    hourly_funding_rate: decimal.exactOptional(),
    ...cumulativeFunding,
  }),
  perpetual_option: z.strictObject({
    kind: z.literal("perpetual_option"),
    ...quotedBase,
    ...quotedOptionTerms,
    funding_style: fundingStyle,
    funding_period_days: fundingPeriodDays,
    mark_volatility: volatility,
    ...cumulativeFunding,
  }),
  power_perpetual: z.strictObject({
    kind: z.literal("power_perpetual"),
    ...quotedBase,
    mark_price: positivePrice,
    power,
    funding_period_days: fundingPeriodDays,
    mark_volatility: volatility,
    ...cumulativeFunding,
  }),
} satisfies { readonly [Kind in ProductKind]: z.ZodType<{ readonly kind: Kind }> };

/** The quotes of all products, in the order in which a refusal lists them. */
export const instrumentQuotes = Object.values(quotes);
export type InstrumentQuote = z.infer<(typeof instrumentQuotes)[number]>;

/** Whether a quote is about an instrument rather than an index, an average or a token. */
export function isInstrumentQuote<Quote extends { readonly kind: string }>(
  quote: Quote,
): quote is Extract<Quote, InstrumentQuote> {
  return Object.hasOwn(quotes, quote.kind);
}

const price = z.number().positive();

const storedBase = {
  instrument_id: instrumentId,
  underlying: symbol,
  settlement,
  quote_currency: symbol,
  contract_size: price,
};

const storedDated = { expiry_ms: z.int(), settlement_window_minutes: settlementWindowMinutes.exactOptional() };
const storedOptionTerms = { option_type: optionType, strike: price };
const funding_period_days = fundingPeriodDays;

/** The schema of each product in a snapshot. Prices are the doubles that the kernel computes with. */
const stored = {
  option: z.strictObject({ kind: z.literal("option"), ...storedBase, ...storedOptionTerms, ...storedDated }),
  future: z.strictObject({ kind: z.literal("future"), ...storedBase, ...storedDated }),
  perpetual: z.strictObject({ kind: z.literal("perpetual"), ...storedBase }),
  perpetual_option: z.strictObject({
    kind: z.literal("perpetual_option"),
    ...storedBase,
    ...storedOptionTerms,
    funding_style: fundingStyle,
    funding_period_days,
  }),
  power_perpetual: z.strictObject({
    kind: z.literal("power_perpetual"),
    ...storedBase,
    power,
    funding_period_days,
  }),
} satisfies { readonly [Kind in ProductKind]: z.ZodType<{ readonly kind: Kind }> };

type Stored = (typeof stored)[keyof typeof stored];

/** An instrument of any product, as stored. */
export const storedInstrument = z.discriminatedUnion("kind", Object.values(stored) as [Stored, ...Stored[]]);

/** The terms that all instruments have. */
type BaseTerms = Pick<Instrument, "instrumentId" | "underlying" | "settlement" | "quoteCurrency" | "contractSize">;

/**
 * Reads the quotes of one product. `read` is a method, since TypeScript then accepts the reader of one kind for all
 * kinds.
 */
interface QuoteReader<Quote, Product> {
  read(base: BaseTerms, quote: Quote): Product;
}

const readers: {
  readonly [Kind in ProductKind]: QuoteReader<
    Extract<InstrumentQuote, { readonly kind: Kind }>,
    Extract<Instrument, { readonly kind: Kind }>
  >;
} = {
  option: {
    read: (base, quote) => ({ kind: "option", ...base, ...optionTermsOf(quote), ...datedTermsOf(quote) }),
  },
  future: { read: (base, quote) => ({ kind: "future", ...base, ...datedTermsOf(quote) }) },
  perpetual: { read: (base) => ({ kind: "perpetual", ...base }) },
  perpetual_option: {
    read: (base, quote) => {
      const { funding_style: fundingStyle, funding_period_days: fundingPeriodDays } = quote;
      return { kind: "perpetual_option", ...base, ...optionTermsOf(quote), fundingStyle, fundingPeriodDays };
    },
  },
  power_perpetual: {
    read: (base, quote) => {
      const { power, funding_period_days: fundingPeriodDays } = quote;
      return { kind: "power_perpetual", ...base, power, fundingPeriodDays };
    },
  },
};

/** Converts the instrument of a quote for the kernel. */
export function instrumentOf(quote: InstrumentQuote): Instrument {
  const base = {
    instrumentId: quote.instrument_id,
    underlying: quote.underlying,
    settlement: quote.settlement,
    quoteCurrency: quote.quote_currency,
    contractSize: toNumber(quote.contract_size),
  };
  const reader: QuoteReader<InstrumentQuote, Instrument> = readers[quote.kind];
  return reader.read(base, quote);
}

function optionTermsOf({ option_type, strike }: { readonly option_type: "call" | "put"; readonly strike: string }) {
  return { optionType: option_type, strike: toNumber(strike) };
}

function datedTermsOf(quote: Extract<InstrumentQuote, { expiry: string }>) {
  const { settlement_window_minutes: settlementWindowMinutes } = quote;
  const window = settlementWindowMinutes === undefined ? {} : { settlementWindowMinutes };
  return { expiryMs: Date.parse(quote.expiry), ...window };
}
