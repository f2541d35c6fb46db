import type { SweepProgress } from "@plimsoll/app";
import { InputError } from "@plimsoll/files/input-error";
import { type MarketBatch, type SampleAccount, snapshotOfBatch } from "@plimsoll/markets";
import type { MarketSnapshot, QuotedInstrument } from "@plimsoll/risk";
import { type CallEvent, countSeverities, gapsOf, type MarginRow, priceText, toNumber } from "@plimsoll/schema";
import { settleExpired, stateEvent } from "./account-events.ts";
import { incompleteText, inShort } from "./incomplete-text.ts";
import type { Emit, PricesPosted, SweepReport } from "./session-events.ts";
import type { Stage } from "./stage-port.ts";

const pollMs = 120;

/** How a session takes failures. A demo goes on over them, and a run whose results are compared must be complete. */
export type SessionKind = "demo" | "complete";

/**
 * Whether failed work is waited for until its next try, and how long work may stand still before the session gives up.
 */
const patience = {
  /** This is twice as long as any function may run. */
  demo: { retries: "leave", stillMs: 120_000 },
  /** This covers one retry of a shard, which comes after six minutes, and its work. */
  complete: { retries: "wait", stillMs: 480_000 },
} as const;

/** The milliseconds between two looks at what is being waited for. */
const lookMs = 5_000;

/**
 * A market and its accounts on a running stage. The demo, the replay and the benchmark are made of sessions. Times are
 * those of the market's clock, so that a recording plays on its own.
 */
export class Session {
  readonly stage: Stage;
  readonly #emit: Emit;
  readonly #kind: SessionKind;
  #accounts: readonly SampleAccount[] = [];
  readonly #firstPrices = new Map<string, number>();
  readonly #lastPrices = new Map<string, number>();
  /** Every instrument ever posted, kept to settle it when it has expired. */
  readonly #instruments = new Map<string, QuotedInstrument>();
  #received: CallEvent[] = [];

  constructor(stage: Stage, emit: Emit, kind: SessionKind = "complete") {
    this.stage = stage;
    this.#emit = emit;
    this.#kind = kind;
  }

  /** The calls that reached the operators' topic so far, in the order in which they came. */
  get received(): readonly CallEvent[] {
    return this.#received;
  }

  get accountCount(): number {
    return this.#accounts.length;
  }

  /** Posts quotes. Returns true when a price moved so far that the stage sweeps at once. */
  async post(batch: MarketBatch, cause: PricesPosted["cause"]): Promise<boolean> {
    const asOfMs = Date.parse(batch.observed_at);
    for (const quoted of snapshotOfBatch(batch).instruments)
      this.#instruments.set(quoted.instrument.instrumentId, quoted);
    const answer = await this.stage.postQuotes(batch, asOfMs);
    for (const refusal of answer.rejected.slice(0, 3)) {
      this.#emit({ kind: "note", text: `quote refused: ${refusal.path} ${refusal.value}: ${refusal.problem}` });
    }
    const underlyings = batch.quotes.flatMap((quote) => {
      if (quote.kind !== "index") return [];
      const price = toNumber(quote.index_price);
      const first = this.#firstPrices.get(quote.underlying) ?? price;
      const change = price / (this.#lastPrices.get(quote.underlying) ?? price);
      this.#firstPrices.set(quote.underlying, first);
      this.#lastPrices.set(quote.underlying, price);
      return [{ underlying: quote.underlying, indexPrice: quote.index_price, multiple: price / first, change }];
    });
    const instruments = batch.quotes.length - underlyings.length;
    this.#emit({
      kind: "prices",
      prices: { asOfMs, cause, underlyings, instruments, refused: answer.rejected.length },
    });
    return answer.sweep_requested_for.length > 0;
  }

  /** Sends every account's state to the ledger. The work that this takes counts for no sweep. */
  async loadAccounts(accounts: readonly SampleAccount[], atMs: number): Promise<void> {
    this.#accounts = accounts;
    await this.#send(accounts.map((account) => stateEvent(account, atMs)));
    await this.stage.takeWorkDone();
  }

  /**
   * Settles what has expired by the time of a batch that is about to be posted, at the index prices of that batch. The
   * exchange would have settled it at the expiry itself, but the recordings have no prices of that moment.
   */
  async settle(batch: MarketBatch): Promise<void> {
    const atMs = Date.parse(batch.observed_at);
    const prices = new Map(
      batch.quotes.flatMap((quote) =>
        quote.kind === "index" ? [[quote.underlying, toNumber(quote.index_price)]] : [],
      ),
    );
    const settled = new Map<string, SampleAccount>();
    for (const account of this.#accounts) {
      const after = settleExpired(account, atMs, this.#instruments, prices);
      if (after) settled.set(account.accountId, after);
    }
    if (settled.size === 0) return;
    this.#accounts = this.#accounts.map((account) => settled.get(account.accountId) ?? account);
    await this.#send([...settled.values()].map((account) => stateEvent(account, atMs)));
    this.#emit({ kind: "settled", accounts: settled.size });
  }

  async #send(events: ReturnType<typeof stateEvent>[]): Promise<void> {
    const before = this.stage.countAccountEvents();
    const work = this.stage.sendAccounts(events).then(() => this.rest());
    await this.#during(work, async () => {
      const done = Math.min(events.length, this.stage.countAccountEvents() - before);
      this.#emit({ kind: "loading", done, total: events.length });
    });
  }

  /** Ticks the schedule, and waits until its sweep and the calls that follow are through. */
  async sweep(atMs: number): Promise<SweepReport> {
    await this.stage.tick(atMs);
    return this.awaitSweep(atMs);
  }

  /** Waits until a sweep that a tick or a price has started is through, or has failed in part, and reports it. */
  async awaitSweep(atMs: number): Promise<SweepReport> {
    await this.#during(this.rest(), async () => {
      const begun = await this.stage.findSweep();
      if (begun) this.#emit({ kind: "sweeping", done: begun.shardsDone, total: begun.shardCount });
      await this.#collectCalls();
    });
    const sweep = await this.stage.findSweep();
    if (!sweep) throw new InputError("the schedule ticked but no sweep began: are there prices? Look at the log above");
    return this.report(sweep, atMs);
  }

  /** Reports a sweep that is through, or has failed in part. */
  async report(sweep: SweepProgress, atMs: number): Promise<SweepReport> {
    const failures = this.stage.takeFailures().map(inShort);
    if (sweep.shardsMissing.length > 0 && this.#kind === "complete") {
      throw new InputError(
        `the sweep is incomplete: ${incompleteText(sweep.shardsMissing, sweep.shardCount, failures)}`,
      );
    }
    const [snapshot, rows, work, deadLetters, unpublished, accountsBehind] = await Promise.all([
      this.stage.getSnapshot(sweep.snapshotId),
      this.loadResults(failures),
      this.stage.takeWorkDone(),
      this.stage.countDeadLetters(),
      this.stage.countUnpublished(),
      this.stage.findAccountsBehind(),
    ]);
    const completedAtMs = sweep.completedAtMs ?? Date.now();
    const report: SweepReport = {
      snapshotId: sweep.snapshotId,
      parametersVersion: sweep.parametersVersion,
      asOfMs: atMs,
      completedAtMs,
      shards: sweep.shardCount,
      shardsMissing: sweep.shardsMissing,
      failures,
      ...countRows(rows),
      durationMs: completedAtMs - sweep.startedAtMs,
      ...work,
      deadLetters,
      unpublished,
      accountsBehind,
      ...describeMarket(snapshot),
    };
    this.#emit({ kind: "swept", report });
    return report;
  }

  /** Loads the latest results. A demo loads those that can be read, and adds to `problems` why others cannot. */
  loadResults(problems: string[] = []): Promise<MarginRow[]> {
    return this.#kind === "demo"
      ? this.stage.loadResults((problem) => problems.push(problem))
      : this.stage.loadResults();
  }

  /**
   * Waits until nothing is under way. It does not wait without end for work that stands still or messages that fail
   * again and again. A demo then goes on, and a complete run throws an `InputError` that names what it waits for.
   */
  async rest(): Promise<void> {
    const { retries, stillMs } = patience[this.#kind];
    let seen = "";
    let told = "";
    let stillSinceMs = performance.now();
    for (;;) {
      const { isIdle, underWay, waiting } = await this.stage.waitUntilIdle({ retries, timeoutMs: lookMs });
      const waits = waiting.join("; ");
      if (waits !== "" && waits !== told)
        this.#emit({ kind: "note", text: `${isIdle ? "left for later" : "waiting"}: ${waits}` });
      told = waits;
      if (isIdle) return;
      const now = underWay.join("; ");
      if (now !== seen && waits === "") stillSinceMs = performance.now();
      seen = now;
      if (performance.now() - stillSinceMs < stillMs) continue;
      const text = `nothing moves for ${Math.round(stillMs / 1_000)} s: ${[...underWay, ...waiting].join("; ")}`;
      if (this.#kind === "complete") throw new InputError(text);
      this.#emit({ kind: "note", text });
      return;
    }
  }

  /** Looks again and again while work goes on, and once more when it is done. */
  async #during(work: Promise<void>, look: () => Promise<void>): Promise<void> {
    let isDone = false;
    const finished = work.finally(() => {
      isDone = true;
    });
    // The work may fail during a look, and its failure is thrown below.
    finished.catch(() => {});
    while (!isDone) {
      await look();
      await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, pollMs))]);
    }
    await finished;
    await look();
  }

  async #collectCalls(): Promise<void> {
    const events = await this.stage.receiveCalls();
    if (events.length === 0) return;
    this.#received.push(...events);
    this.#emit({ kind: "calls", events });
  }
}

function countRows(
  rows: readonly MarginRow[],
): Pick<SweepReport, "accounts" | "margined" | "notMargined" | "severities" | "gaps"> {
  const gaps = gapsOf(rows);
  const notMargined = new Map<string, number>();
  for (const { kind, code } of gaps) {
    if (kind === "not_margined") notMargined.set(code, (notMargined.get(code) ?? 0) + 1);
  }
  const margined = rows.filter((row) => row.status === "margined").length;
  return { accounts: rows.length, margined, notMargined, severities: countSeverities(rows), gaps };
}

function describeMarket(snapshot: MarketSnapshot): Pick<SweepReport, "underlyings" | "instruments"> {
  return {
    underlyings: snapshot.underlyings.map(({ underlying, indexPrice, quality, atPar }) => ({
      underlying,
      index_price: priceText(indexPrice),
      quality,
      ...(atPar !== undefined && { at_par: atPar }),
    })),
    instruments: snapshot.instruments.length,
  };
}
