import type { PriceQuality, UnderlyingState } from "@plimsoll/risk";
import type { IndexQuote, OracleParameters } from "./model.ts";

/** The state of an underlying in the previous snapshot, and the time of that snapshot. */
export interface PreviousState {
  readonly state: UnderlyingState;
  readonly asOfMs: number;
}

/**
 * Agrees on one price of an underlying: the median of the fresh sources that are no outliers. Half of their relative
 * spread is the confidence width. The result is null if no source ever quoted it. The quality and its reason say what
 * the price may be used for.
 *
 * A quote that takes a stablecoin at par is not a price. It counts only if no price is or was known, whether fresh or
 * old.
 */
export function findConsensus(
  underlying: string,
  quotes: readonly IndexQuote[],
  asOfMs: number,
  previous: PreviousState | null,
  parameters: OracleParameters,
): UnderlyingState | null {
  const prices = quotes.filter(({ atPar }) => atPar === undefined);
  if (prices.length > 0 || quotes.length === 0) {
    // A previous value at par is not a price, so it cannot be compared with one.
    const known = previous?.state.atPar === undefined ? previous : null;
    return agree(underlying, prices, asOfMs, known, parameters);
  }
  if (previous !== null && previous.state.atPar === undefined) {
    const priceAgeMs = previous.state.priceAgeMs + ageOf({ observedAtMs: previous.asOfMs }, asOfMs);
    const qualityReason = "no source prices it any more, and par does not stand for a price that was known";
    return { ...previous.state, quality: "blocked", confidenceWidth: 0, priceAgeMs, qualityReason };
  }
  const agreed = agree(underlying, quotes, asOfMs, previous, parameters);
  const { atPar } = quotes.reduce((best, quote) => (quote.observedAtMs > best.observedAtMs ? quote : best));
  return agreed === null || atPar === undefined ? agreed : saidToBeAtPar(agreed, atPar);
}

/**
 * Lowers a good quality to `widened` and says why. A par value may trigger actions, as it is the most that a stablecoin
 * can count for. No confidence width is charged, as nobody knows how far par is from the price.
 */
function saidToBeAtPar(state: UnderlyingState, atPar: string): UnderlyingState {
  if (state.quality !== "good") return { ...state, atPar };
  const qualityReason = state.underlying === atPar ? "at par, for no source prices it" : `in ${atPar} at par`;
  return { ...state, quality: "widened", qualityReason, atPar };
}

function agree(
  underlying: string,
  quotes: readonly IndexQuote[],
  asOfMs: number,
  previous: PreviousState | null,
  parameters: OracleParameters,
): UnderlyingState | null {
  const newest = quotes.reduce<IndexQuote | null>(
    (best, quote) => (best === null || quote.observedAtMs > best.observedAtMs ? quote : best),
    null,
  );
  if (newest === null) return null;
  const fresh = quotes.filter((quote) => ageOf(quote, asOfMs) <= parameters.quoteMaxAgeMs);
  if (fresh.length === 0) {
    return {
      underlying,
      indexPrice: newest.indexPrice,
      quality: "blocked",
      confidenceWidth: 0,
      priceAgeMs: ageOf(newest, asOfMs),
      qualityReason: `no quote within ${parameters.quoteMaxAgeMs} ms`,
    };
  }
  const agreeing = withoutOutliers(fresh, parameters);
  const prices = agreeing.map((quote) => quote.indexPrice);
  const indexPrice = median(prices);
  const spread = (Math.max(...prices) - Math.min(...prices)) / 2 / indexPrice;
  const isSomeoneSilent = quotes.some(
    (quote) => !fresh.includes(quote) && ageOf(quote, asOfMs) <= parameters.sourceForgottenAfterMs,
  );
  // A source that falls silent must not reduce the known disagreement, so the earlier width stays (invariant I8).
  const confidenceWidth = isSomeoneSilent ? Math.max(spread, previous?.state.confidenceWidth ?? 0) : spread;
  return {
    underlying,
    indexPrice,
    confidenceWidth,
    priceAgeMs: Math.max(...agreeing.map((quote) => ageOf(quote, asOfMs))),
    ...judge(agreeing, indexPrice, confidenceWidth, previous, parameters),
  };
}

/** Returns the worst verdict on the price and its reason. */
function judge(
  agreeing: readonly IndexQuote[],
  indexPrice: number,
  confidenceWidth: number,
  previous: PreviousState | null,
  parameters: OracleParameters,
): { quality: PriceQuality; qualityReason: string | null } {
  const width = `sources disagree by ${percent(confidenceWidth)} either side`;
  if (confidenceWidth >= parameters.degradedFrom) return { quality: "degraded", qualityReason: width };
  const jump = findUnconfirmedJump(agreeing, indexPrice, previous, parameters);
  if (jump !== null) return { quality: "degraded", qualityReason: jump };
  if (confidenceWidth >= parameters.widenedFrom) return { quality: "widened", qualityReason: width };
  return { quality: "good", qualityReason: null };
}

/**
 * Finds a jump that only one source reports. It is believed once a second source or a later quote confirms it. A
 * snapshot without a quote newer than the degraded one before it stays degraded.
 */
function findUnconfirmedJump(
  agreeing: readonly IndexQuote[],
  indexPrice: number,
  previous: PreviousState | null,
  { unconfirmedJump }: OracleParameters,
): string | null {
  if (previous === null || agreeing.length > 1) return null;
  const { state, asOfMs } = previous;
  const jump = Math.abs(indexPrice / state.indexPrice - 1);
  if (jump > unconfirmedJump) return `a jump of ${percent(jump)} that one source alone tells`;
  const isNews = agreeing.some((quote) => quote.observedAtMs > asOfMs);
  return state.quality === "degraded" && !isNews ? state.qualityReason : null;
}

function withoutOutliers(quotes: readonly IndexQuote[], parameters: OracleParameters): readonly IndexQuote[] {
  if (quotes.length < 3) return quotes;
  const middle = median(quotes.map((quote) => quote.indexPrice));
  const deviation = median(quotes.map((quote) => Math.abs(quote.indexPrice - middle)));
  const allowed = parameters.outlierDeviations * Math.max(deviation, parameters.smallestDeviation * middle);
  return quotes.filter((quote) => Math.abs(quote.indexPrice - middle) <= allowed);
}

/**
 * Returns the middle of the sorted values, or the mean of the two middle ones if their number is even. It is NaN for an
 * empty list.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Returns the age of a quote in milliseconds. A quote from after the snapshot's time has age 0. */
export function ageOf(quote: { readonly observedAtMs: number }, asOfMs: number): number {
  return Math.max(0, asOfMs - quote.observedAtMs);
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}
