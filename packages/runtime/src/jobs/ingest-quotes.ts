import {
  isTokenQuote,
  type MarkQuote,
  type Quote,
  type QuoteBatch,
  quote,
  type Refusal,
  type SweepRequest,
  sourceMarksOf,
  sourceTokenOf,
  type TokenQuote,
  toNumber,
} from "@plimsoll/schema";
import {
  findAnchor,
  moveAnchor,
  type QuoteOutcome,
  registerUnderlying,
  saveIndexQuote,
  saveMarks,
  saveToken,
  type Table,
} from "@plimsoll/store";
import { refusalsOf, shownValue } from "../rejects.ts";

export interface QuotePorts {
  readonly market: Table;
  /** Move since the anchor, in hundredths of a percent, from which a sweep is asked for. */
  readonly priceTriggerBps: number;
  readonly sendSweepRequest: (request: SweepRequest) => Promise<void>;
}

export interface QuoteOutcomes {
  readonly accepted: number;
  readonly refusals: readonly Refusal[];
  readonly sweepRequestedFor: readonly string[];
}

/** How far ahead of the request a quote's time may be: clocks differ, but no price comes from the future. */
const clockSkewMs = 60_000;

/** Underlyings this process has registered. */
const registered = new Set<string>();

interface IndexedQuote<Kind extends Quote = Quote> {
  readonly index: number;
  readonly quote: Kind;
}

/** Keeps what a batch of quotes says, quote by quote; what is refused is named with its path, value and reason. */
export async function ingestQuotes(batch: QuoteBatch, receivedAtMs: number, ports: QuotePorts): Promise<QuoteOutcomes> {
  const observedAtMs = Date.parse(batch.observed_at);
  if (observedAtMs > receivedAtMs + clockSkewMs) {
    const problem = `at most ${clockSkewMs / 1_000} s after the request, ${new Date(receivedAtMs).toISOString()}`;
    const refusal = { path: "observed_at", value: batch.observed_at, problem };
    return { accepted: 0, refusals: [refusal], sweepRequestedFor: [] };
  }
  const { markets, tokens, refusals } = arrange(batch, observedAtMs);
  const moved: string[] = [];
  let accepted = 0;
  for (const [underlying, { index, marks }] of markets) {
    await register(ports.market, underlying);
    const { source } = batch;
    const { index_price: indexPrice } = index.quote;
    const saved = await saveIndexQuote(ports.market, underlying, { source, observedAtMs, indexPrice });
    accepted += countOrRefuse(saved, [index], underlying);
    if (marks.length > 0) {
      const observed = { source, observedAtMs, indexPrice: toNumber(indexPrice) };
      const told = sourceMarksOf(
        observed,
        marks.map((mark) => mark.quote),
      );
      accepted += countOrRefuse(await saveMarks(ports.market, underlying, told), marks, underlying);
    }
    if (saved.kind !== "older" && (await leavesAnchor(underlying, indexPrice, receivedAtMs, ports))) {
      moved.push(underlying);
    }
  }
  for (const token of tokens) {
    const { token: asset } = token.quote;
    await register(ports.market, asset);
    const read = sourceTokenOf({ source: batch.source, observedAtMs }, token.quote);
    accepted += countOrRefuse(await saveToken(ports.market, read), [token], asset);
  }
  // Only now: a sweep started within the batch would see one market's new prices beside another's old ones.
  if (moved.length > 0) {
    const requestedAt = new Date(receivedAtMs).toISOString();
    await ports.sendSweepRequest({ schema_version: 1, underlyings: moved, requested_at: requestedAt });
  }
  return { accepted, refusals, sweepRequestedFor: moved };

  function countOrRefuse(outcome: QuoteOutcome, quotes: readonly IndexedQuote[], underlying: string): number {
    if (outcome.kind === "oversized") {
      // All of them: a market without some of its instruments would margin half of a hedge.
      refusals.push({ path: "quotes", value: `${quotes.length} marks of ${underlying}`, problem: outcome.allowed });
      return 0;
    }
    if (outcome.kind !== "older") return quotes.length;
    const held = new Date(outcome.heldObservedAtMs).toISOString();
    const problem = `observed after ${held}, the time of the quote already held`;
    for (const { index } of quotes) refusals.push({ path: `quotes[${index}]`, value: batch.observed_at, problem });
    return 0;
  }
}

/** Once a process, as the item never changes. */
async function register(market: Table, underlying: string): Promise<void> {
  if (registered.has(underlying)) return;
  await registerUnderlying(market, underlying);
  registered.add(underlying);
}

interface QuotedMarket {
  readonly index: IndexedQuote<Extract<Quote, { kind: "index" }>>;
  readonly marks: IndexedQuote<MarkQuote>[];
}

/** Parses each quote by itself and groups what is sound by underlying. */
function arrange(batch: QuoteBatch, observedAtMs: number) {
  const refusals: Refusal[] = [];
  const markets = new Map<string, QuotedMarket>();
  const marks: IndexedQuote<MarkQuote>[] = [];
  const tokens: IndexedQuote<TokenQuote>[] = [];
  const refuse = (path: string, value: unknown, problem: string) =>
    refusals.push({ path, value: shownValue(value), problem });
  for (const [index, raw] of batch.quotes.entries()) {
    const path = `quotes[${index}]`;
    const parsed = quote.safeParse(raw);
    if (!parsed.success) refusals.push(...refusalsOf(parsed.error, raw, path));
    else if (isTokenQuote(parsed.data)) {
      const { token } = parsed.data;
      if (tokens.some(({ quote: known }) => known.token === token)) refuse(`${path}.token`, token, "each token once");
      else tokens.push({ index, quote: parsed.data });
    } else if (parsed.data.kind !== "index") marks.push({ index, quote: parsed.data });
    else if (markets.has(parsed.data.underlying))
      refuse(`${path}.underlying`, parsed.data.underlying, "each index once");
    else markets.set(parsed.data.underlying, { index: { index, quote: parsed.data }, marks: [] });
  }
  const seen = new Set<string>();
  for (const mark of marks) {
    const { underlying } = mark.quote;
    const [field, id] = identityOf(mark.quote);
    const path = `quotes[${mark.index}]`;
    const market = markets.get(underlying);
    if (market === undefined) {
      refuse(`${path}.underlying`, underlying, "an underlying whose index quote is in the same batch");
    } else if (seen.has(id)) {
      refuse(`${path}.${field}`, id, field === "expiry" ? "each expiry's average once" : "each instrument once");
    } else if ("expiry" in mark.quote && Date.parse(mark.quote.expiry) <= observedAtMs) {
      refuse(`${path}.expiry`, mark.quote.expiry, `after ${batch.observed_at}, when the quote was observed`);
    } else {
      market.marks.push(mark);
    }
    seen.add(id);
  }
  return { markets, tokens, refusals };
}

/** What a quote of a batch may be given of once, and the field that says it. */
function identityOf(quote: MarkQuote): ["instrument_id" | "expiry", string] {
  if (quote.kind !== "settlement_average") return ["instrument_id", quote.instrument_id];
  return ["expiry", `${quote.underlying} ${quote.expiry}`];
}

/** True for the one quote of a burst that finds the price away from its anchor by the trigger, and moves the anchor. */
async function leavesAnchor(
  underlying: string,
  indexPrice: string,
  receivedAtMs: number,
  { market, priceTriggerBps }: QuotePorts,
): Promise<boolean> {
  const anchor = await findAnchor(market, underlying);
  if (anchor === undefined) return false;
  const moveBps = 10_000 * Math.abs(toNumber(indexPrice) / toNumber(anchor.indexPrice) - 1);
  return (
    moveBps >= priceTriggerBps && (await moveAnchor(market, underlying, anchor, { indexPrice, asOfMs: receivedAtMs }))
  );
}
