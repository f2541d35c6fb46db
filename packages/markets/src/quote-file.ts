import { addIssues, InputError, type Rejects } from "@plimsoll/files";
import { isDated } from "@plimsoll/risk";
import { isInstrumentQuote, isTokenQuote, limits, type Quote, quote, quoteBatch } from "@plimsoll/schema";
import type { MarketBatch } from "./quote-batch.ts";

/** Tells whether a JSON value is meant as the body of `POST /v1/quotes`. */
export function isQuoteFile(value: unknown): boolean {
  return typeof value === "object" && value !== null && "quotes" in value;
}

/**
 * Reads a batch of quotes as an exchange would post it. Such a batch can have perpetual options, power perpetuals,
 * funding and settlement averages. A quote that breaks its contract is refused alone. Throws an `InputError` if none is
 * left.
 */
export function readQuoteFile(file: string, value: unknown, rejects: Rejects): MarketBatch {
  const parsed = quoteBatch.safeParse(value);
  if (!parsed.success) {
    addIssues(rejects, parsed.error, value);
    throw new InputError(`${file} is no batch of quotes: ${parsed.error.issues[0]?.message}`);
  }
  const { source, observed_at, quotes: raw } = parsed.data;
  const quotes: Quote[] = [];
  const seen = new Set<string>();
  for (const [index, item] of raw.entries()) {
    const read = quote.safeParse(item);
    const problem = read.success ? findProblem(read.data, Date.parse(observed_at), seen) : null;
    if (!read.success) {
      const [issue] = read.error.issues;
      rejects.add({ path: `$.quotes[${index}]` }, item, `${issue?.path.join(".")}: ${issue?.message}`);
    } else if (problem !== null) rejects.add({ path: `$.quotes[${index}]` }, item, problem);
    else quotes.push(read.data);
  }
  const instruments = quotes.filter((read) => read.kind !== "index" && !isTokenQuote(read)).length;
  if (quotes.length === 0) throw new InputError(`${file}: none of its quotes can be used; see the rejects`);
  if (instruments > limits.instrumentsPerSnapshot) {
    throw new InputError(
      `${file} has ${instruments} instruments; a snapshot takes at most ${limits.instrumentsPerSnapshot}`,
    );
  }
  return { source, observed_at, quotes };
}

function findProblem(quote: Quote, observedAtMs: number, seen: Set<string>): string | null {
  if (isInstrumentQuote(quote) && isDated(quote) && Date.parse(quote.expiry) <= observedAtMs)
    return "expiry: after the batch's observed_at";
  const id = isTokenQuote(quote)
    ? `token ${quote.token}`
    : quote.kind === "index" || quote.kind === "settlement_average"
      ? `${quote.kind} ${quote.underlying} ${"expiry" in quote ? quote.expiry : ""}`
      : quote.instrument_id;
  if (seen.has(id)) return "each instrument, index, average and token once";
  seen.add(id);
  return null;
}
