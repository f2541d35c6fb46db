import {
  isTokenQuote,
  type MarkQuote,
  type Quote,
  type QuoteBatch,
  quote,
  quoteBatch,
  type Refusal,
  readJson,
  refusalsOf,
  shownValue,
  type TokenQuote,
} from "@plimsoll/schema";
import { lapsedKeptDays, lapsedKeptMs } from "./oracle-parameters.ts";

export interface IndexedQuote<Kind extends Quote = Quote> {
  readonly index: number;
  readonly quote: Kind;
}

/** Parses the batch of a request's body, or returns refusals. */
export function parseQuoteBatch(body: string): QuoteBatch | { readonly refusals: Refusal[] } {
  const json = readJson(body);
  if ("refusals" in json) return json;
  const parsed = quoteBatch.safeParse(json.value);
  return parsed.success ? parsed.data : { refusals: refusalsOf(parsed.error, json.value) };
}

export interface QuotedUnderlying {
  readonly index: IndexedQuote<Extract<Quote, { kind: "index" }>>;
  readonly marks: IndexedQuote<MarkQuote>[];
}

/** The valid quotes of a batch, grouped. */
export interface ArrangedQuotes {
  readonly markets: ReadonlyMap<string, QuotedUnderlying>;
  readonly tokens: ReadonlyMap<string, IndexedQuote<TokenQuote>>;
  readonly refusals: readonly Refusal[];
  /** True if prices were left out because they were too old. */
  readonly leavesPricesOut: boolean;
}

/**
 * Parses each quote separately and groups the valid ones by underlying. If the batch is too old for prices, only tokens
 * are kept.
 */
export function arrangeQuotes(batch: QuoteBatch, { takesPrices }: { readonly takesPrices: boolean }): ArrangedQuotes {
  const observedAtMs = Date.parse(batch.observed_at);
  const refusals: Refusal[] = [];
  const markets = new Map<string, QuotedUnderlying>();
  const marks: IndexedQuote<MarkQuote>[] = [];
  const tokens = new Map<string, IndexedQuote<TokenQuote>>();
  let leavesPricesOut = false;
  const refuse = (path: string, value: unknown, problem: string) =>
    refusals.push({ path, value: shownValue(value), problem });
  for (const [index, raw] of batch.quotes.entries()) {
    const path = `quotes[${index}]`;
    const parsed = quote.safeParse(raw);
    if (!parsed.success) refusals.push(...refusalsOf(parsed.error, raw, path));
    else if (isTokenQuote(parsed.data)) {
      const { token } = parsed.data;
      if (tokens.has(token)) refuse(`${path}.token`, token, "each token once");
      else tokens.set(token, { index, quote: parsed.data });
    } else if (!takesPrices) leavesPricesOut = true;
    else if (parsed.data.kind !== "index") marks.push({ index, quote: parsed.data });
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
    } else if ("expiry" in mark.quote && Date.parse(mark.quote.expiry) <= observedAtMs - keptMsOf(mark.quote)) {
      const { expiry } = mark.quote;
      refuse(
        `${path}.expiry`,
        expiry,
        `${earliestWords(mark.quote)} ${batch.observed_at}, when the quote was observed`,
      );
    } else {
      market.marks.push(mark);
    }
    seen.add(id);
  }
  return { markets, tokens, refusals, leavesPricesOut };
}

/**
 * Returns how long after its expiry a quote is accepted, in milliseconds. Only settlement prices are accepted after it.
 */
function keptMsOf({ kind }: MarkQuote): number {
  return kind === "settlement_average" ? lapsedKeptMs : 0;
}

function earliestWords(quote: MarkQuote): string {
  return keptMsOf(quote) === 0 ? "after" : `less than ${lapsedKeptDays} days before`;
}

/** Returns the field and value that identify a quote. A batch may hold each only once. */
function identityOf(quote: MarkQuote): ["instrument_id" | "expiry", string] {
  if (quote.kind !== "settlement_average") return ["instrument_id", quote.instrument_id];
  return ["expiry", `${quote.underlying} ${quote.expiry}`];
}
