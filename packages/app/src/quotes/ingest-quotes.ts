import { MS_PER_HOUR } from "@plimsoll/risk";
import {
  isTokenQuote,
  limits,
  type QuoteBatch,
  type Refusal,
  sourceMarksOf,
  sourceTokenOf,
  type TokenQuote,
  toNumber,
} from "@plimsoll/schema";
import {
  marketsAtOnce,
  noteQuoted,
  type QuoteOutcome,
  type Receipt,
  saveIndexQuote,
  saveMarks,
  saveToken,
  senderToleranceMs,
} from "@plimsoll/store";
import { mapAsync } from "es-toolkit/array";
import { arrangeQuotes, type IndexedQuote, type QuotedUnderlying } from "./arrange-quotes.ts";
import { oracleParameters } from "./oracle-parameters.ts";
import { askForSweep, findMove, type Move, type TriggerPorts } from "./price-trigger.ts";

export interface QuotePorts extends TriggerPorts {
  /** Wall clock in milliseconds. No stored time may be ahead of it. */
  readonly nowMs: () => number;
  /** Milliseconds left for this invocation. */
  readonly remainingMs: () => number;
  readonly noted: NotedUnderlyings;
}

/** The time at which each underlying was last noted as quoted. A process keeps it between invocations. */
export class NotedUnderlyings extends Map<string, number> {}

/**
 * `batch_refused`: the batch as a whole was refused. `all_refused`: none of its quotes was accepted. `out_of_time`:
 * none was saved in time, though some would have been accepted.
 */
export type QuoteVerdict = "accepted" | "batch_refused" | "all_refused" | "out_of_time";

export interface QuoteOutcomes {
  readonly verdict: QuoteVerdict;
  readonly accepted: number;
  readonly refusals: readonly Refusal[];
  readonly sweepRequestedFor: string[];
}

/**
 * Milliseconds reserved for the sweep request, the rejects and the answer. An underlying that would start later is
 * refused.
 */
const reserveMs = 4_000;

/** Milliseconds during which a noted underlying is not noted again. */
const notedForMs = MS_PER_HOUR;

/** Saves a batch of quotes, one underlying after the other. Each refusal states path, value and reason. */
export async function ingestQuotes(batch: QuoteBatch, ports: QuotePorts): Promise<QuoteOutcomes> {
  const receivedAtMs = ports.clock();
  const ageMs = receivedAtMs - Date.parse(batch.observed_at);
  const { quoteMaxAgeMs, tokensMaxAgeMs } = oracleParameters(ports.quoteMaxAgeMs);
  if (ageMs < -senderToleranceMs) return refuseBatch([aheadOf(batch, receivedAtMs)]);
  if (ageMs > tokensMaxAgeMs) return refuseBatch([olderThan(quoteMaxAgeMs, batch, receivedAtMs)]);
  const {
    markets,
    tokens,
    leavesPricesOut,
    refusals: unsound,
  } = arrangeQuotes(batch, { takesPrices: ageMs <= quoteMaxAgeMs });
  const refusals = leavesPricesOut ? [olderThan(quoteMaxAgeMs, batch, receivedAtMs), ...unsound] : unsound;
  if (leavesPricesOut && tokens.size === 0) return refuseBatch(refusals);

  const receipt: Receipt = { receivedAtMs, nowMs: ports.nowMs() };
  const { beyond, missed } = await note([...markets.keys(), ...tokens.keys()], receivedAtMs, ports);
  const observed = { source: batch.source, observedAtMs: Date.parse(batch.observed_at) };
  const keep = async (
    underlying: string,
    quotes: readonly IndexedQuote[],
    save: () => Promise<Kept>,
  ): Promise<Kept> => {
    if (beyond.has(underlying)) return { ...keptNone, refusals: noRoom(quotes, underlying) };
    if (missed.has(underlying) || ports.remainingMs() < reserveMs) return notNow(quotes, underlying);
    try {
      return await save();
    } catch (cause) {
      ports.onTrouble(`quotes of ${underlying} were not kept`, cause);
      return notNow(quotes, underlying);
    }
  };
  const kept = [
    ...(await mapAsync(
      [...markets],
      ([underlying, market]) =>
        keep(underlying, [market.index, ...market.marks], () =>
          keepMarket(underlying, market, observed, receipt, ports),
        ),
      { concurrency: marketsAtOnce },
    )),
    ...(await mapAsync(
      [...tokens],
      ([asset, token]) => keep(asset, [token], () => keepToken(asset, token, observed, receipt, ports)),
      { concurrency: marketsAtOnce },
    )),
  ];
  // This comes last, since a sweep started within the batch would combine new prices of one underlying with old prices
  // of another.
  const sweepRequestedFor = await askForSweep(
    kept.flatMap(({ move }) => move ?? []),
    ports,
  );
  const accepted = kept.reduce((sum, one) => sum + one.accepted, 0);
  const verdict = accepted > 0 ? "accepted" : kept.some(({ isLate }) => isLate) ? "out_of_time" : "all_refused";
  return { verdict, accepted, refusals: [...refusals, ...kept.flatMap((one) => one.refusals)], sweepRequestedFor };
}

/** The outcome for the quotes of one underlying or token. */
interface Kept {
  readonly accepted: number;
  readonly refusals: readonly Refusal[];
  readonly move: Move | null;
  /** True if the quotes were not saved for lack of time, though nothing is wrong with them. */
  readonly isLate: boolean;
}

const keptNone: Kept = { accepted: 0, refusals: [], move: null, isLate: false };

interface Observed {
  readonly source: string;
  readonly observedAtMs: number;
}

async function keepMarket(
  underlying: string,
  { index, marks }: QuotedUnderlying,
  observed: Observed,
  receipt: Receipt,
  ports: QuotePorts,
): Promise<Kept> {
  const { index_price: indexPrice, at_par: atPar } = index.quote;
  const price = { ...observed, indexPrice, ...(atPar !== undefined && { atPar }) };
  const saved = await saveIndexQuote(ports.market, underlying, price, receipt);
  const outcomes = [told(saved, [index], underlying, observed)];
  if (marks.length > 0) {
    const quoted = marks.map((mark) => mark.quote);
    const read = sourceMarksOf({ ...observed, indexPrice: toNumber(indexPrice) }, quoted);
    outcomes.push(told(await saveMarks(ports.market, underlying, read, receipt), marks, underlying, observed));
  }
  return {
    accepted: outcomes.reduce((sum, one) => sum + one.accepted, 0),
    refusals: outcomes.flatMap((one) => one.refusals),
    move: saved.kind === "older" ? null : await findMove(underlying, receipt.receivedAtMs, ports),
    isLate: false,
  };
}

async function keepToken(
  asset: string,
  token: IndexedQuote<TokenQuote>,
  observed: Observed,
  receipt: Receipt,
  { market }: QuotePorts,
): Promise<Kept> {
  return told(await saveToken(market, sourceTokenOf(observed, token.quote), receipt), [token], asset, observed);
}

function refuseBatch(refusals: readonly Refusal[]): QuoteOutcomes {
  return { verdict: "batch_refused", accepted: 0, refusals, sweepRequestedFor: [] };
}

function aheadOf({ observed_at }: QuoteBatch, receivedAtMs: number): Refusal {
  const received = new Date(receivedAtMs).toISOString();
  const problem = `at most ${senderToleranceMs / 1_000} s after the request, ${received}: set the sender's clock`;
  return { path: "observed_at", value: observed_at, problem };
}

function olderThan(maxAgeMs: number, { observed_at }: QuoteBatch, receivedAtMs: number): Refusal {
  const received = new Date(receivedAtMs).toISOString();
  const problem = `at most ${maxAgeMs / 1_000} s before the request, ${received}: what is older is no price; send the newest`;
  return { path: "observed_at", value: observed_at, problem };
}

interface NoteOutcome {
  /** Underlyings for which the stage has no room. */
  readonly beyond: ReadonlySet<string>;
  /** Underlyings that could not be noted, so that no sweep is sure to use their quotes. */
  readonly missed: ReadonlySet<string>;
}

/** Registers underlyings, so that sweeps use their quotes. */
async function note(
  used: readonly string[],
  atMs: number,
  { market, noted, onTrouble }: Pick<QuotePorts, "market" | "noted" | "onTrouble">,
): Promise<NoteOutcome> {
  const due = used.filter((underlying) => Math.abs(atMs - (noted.get(underlying) ?? 0)) >= notedForMs);
  const none: ReadonlySet<string> = new Set();
  if (due.length === 0) return { beyond: none, missed: none };
  try {
    const beyond = await noteQuoted(market, due, atMs);
    for (const underlying of due) if (!beyond.has(underlying)) noted.set(underlying, atMs);
    return { beyond, missed: none };
  } catch (cause) {
    onTrouble(`quotes of ${due.length} underlyings were not kept: they could not be noted`, cause);
    return { beyond: none, missed: new Set(due) };
  }
}

function noRoom(quotes: readonly IndexedQuote[], underlying: string): Refusal[] {
  const [first] = quotes;
  const field = first !== undefined && isTokenQuote(first.quote) ? "token" : "underlying";
  const problem =
    `one of the ${limits.underlyingsPerStage} underlyings and tokens that this stage has room for: ` +
    "quote fewer; those that nobody quotes or holds are forgotten after a month";
  const refusal = { path: `quotes[${first?.index}].${field}`, value: underlying, problem };
  if (quotes.length === 1) return [refusal];
  return [refusal, { path: "quotes", value: `${quotes.length - 1} marks of ${underlying}`, problem }];
}

function notNow(quotes: readonly IndexedQuote[], underlying: string): Kept {
  const value = `${quotes.length} quotes of ${underlying}`;
  const problem = "kept in the time of a request: these were not, send them again";
  return { ...keptNone, refusals: [{ path: `quotes[${quotes[0]?.index}]`, value, problem }], isLate: true };
}

/** Converts the outcome of quotes that are saved together to the answer for the sender. */
function told(
  outcome: QuoteOutcome,
  quotes: readonly IndexedQuote[],
  underlying: string,
  { observedAtMs }: Observed,
): Kept {
  switch (outcome.kind) {
    case "saved":
    case "repeated":
      return { ...keptNone, accepted: quotes.length };
    case "oversized": {
      // All marks are refused, since a market that lacks some instruments could margin one half of a hedge.
      const value = `${quotes.length} marks of ${underlying}`;
      return { ...keptNone, refusals: [{ path: "quotes", value, problem: outcome.allowed }] };
    }
    case "older": {
      const value = new Date(observedAtMs).toISOString();
      const held = new Date(outcome.heldObservedAtMs).toISOString();
      const problem = `observed after ${held}, the time of the quote already held`;
      return { ...keptNone, refusals: quotes.map(({ index }) => ({ path: `quotes[${index}]`, value, problem })) };
    }
  }
}
