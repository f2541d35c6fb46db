import { type MarketBatch, snapshotOfBatch } from "@plimsoll/markets";
import { DAYS_PER_YEAR, moveUnderlying, type Random, SECONDS_PER_DAY } from "@plimsoll/risk";
import { isTokenQuote, type Quote, quotedPriceText, toNumber } from "@plimsoll/schema";

/** The multiple of the index price by underlying; 0.88 is a fall of 12 %. */
export type Moves = ReadonlyMap<string, number>;

/**
 * Returns a batch as it would be quoted after its underlyings moved. Forwards move in proportion, and options are
 * revalued at their volatilities. Expired instruments are left out. Index prices keep two decimals, as venues quote
 * them, or six digits.
 */
export function moveBatch(batch: MarketBatch, moves: Moves, observedAtMs: number): MarketBatch {
  const { underlyings, ...atTime } = snapshotOfBatch(batch);
  const moved = [...moves].reduce(
    (snapshot, [underlying, multiple]) => moveUnderlying(snapshot, underlying, multiple),
    {
      ...atTime,
      underlyings,
    },
  );
  const instruments = new Map(moved.instruments.map((quoted) => [quoted.instrument.instrumentId, quoted]));
  return {
    source: batch.source,
    observed_at: new Date(observedAtMs).toISOString(),
    quotes: batch.quotes.flatMap((quote): Quote[] => {
      if (quote.kind === "index") return [movedIndex(quote, moves)];
      if ("expiry" in quote && Date.parse(quote.expiry) <= observedAtMs) return [];
      if (quote.kind === "settlement_average" || isTokenQuote(quote)) return [quote];
      const quoted = instruments.get(quote.instrument_id);
      if (!quoted) return [];
      return [{ ...quote, forward_price: quotedPrice(quoted.forwardPrice), mark_price: quotedPrice(quoted.markPrice) }];
    }),
  };
}

/**
 * Returns the index quotes and tokens of a batch after a move, without the marks. A price feed sends these between two
 * chains.
 */
export function moveIndices(batch: MarketBatch, moves: Moves, observedAtMs: number): MarketBatch {
  return {
    source: batch.source,
    observed_at: new Date(observedAtMs).toISOString(),
    quotes: batch.quotes.flatMap((quote): Quote[] => {
      if (quote.kind === "index") return [movedIndex(quote, moves)];
      return isTokenQuote(quote) ? [quote] : [];
    }),
  };
}

function quotedPrice(value: number): string {
  return quotedPriceText(value, 12, 12);
}

type IndexQuote = Extract<Quote, { kind: "index" }>;

function movedIndex(quote: IndexQuote, moves: Moves): IndexQuote {
  const multiple = moves.get(quote.underlying);
  if (multiple === undefined) return quote;
  const { at_par, ...price } = quote;
  // A stablecoin that is moved is no longer at par, because the moved value is a price.
  const staysAtPar = at_par !== undefined && at_par !== quote.underlying;
  return {
    ...price,
    ...(staysAtPar && { at_par }),
    index_price: quotedPriceText(toNumber(quote.index_price) * multiple, 2, 6),
  };
}

const secondsPerYear = DAYS_PER_YEAR * SECONDS_PER_DAY;
/** The annual volatility of the sample market's random walk. */
const walkVolatility = 0.55;

/** Takes one step of a seeded random walk for every underlying that has instruments. Returns the new multiples. */
export function walk(batch: MarketBatch, moves: Moves, seconds: number, random: Random): Moves {
  const deviation = walkVolatility * Math.sqrt(seconds / secondsPerYear);
  const traded = new Set(
    batch.quotes.flatMap((quote) => (quote.kind === "index" || isTokenQuote(quote) ? [] : [quote.underlying])),
  );
  return new Map(
    [...traded].map((underlying) => [underlying, (moves.get(underlying) ?? 1) * random.logNormal(0, deviation)]),
  );
}
