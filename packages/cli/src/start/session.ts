import type { MarketSnapshot, QuotedInstrument } from "@plimsoll/risk";
import { type CallEvent, countSeverities, gapsOf, type MarginRow, priceText, toNumber } from "@plimsoll/schema";
import { CommandError } from "../errors.ts";
import type { MarketBatch } from "../import/quote-batch.ts";
import { snapshotOfBatch } from "../margin/snapshot-of-batch.ts";
import type { SampleAccount } from "../sample/orders.ts";
import { settleExpired, stateEvent } from "./account-events.ts";
import type { Emit, PricesPosted, SweepReport } from "./session-events.ts";
import type { Stage } from "./stage-port.ts";

const pollMs = 120;

/**
 * A market and its accounts on a running stage: what the demo, the replay and the benchmark are made of. Times are those of
 * the market's clock, so a recording plays with its own.
 */
export class Session {
  readonly stage: Stage;
  readonly #emit: Emit;
  #accounts: readonly SampleAccount[] = [];
  readonly #firstPrices = new Map<string, number>();
  readonly #lastPrices = new Map<string, number>();
  /** Every instrument ever posted, for settling it when it has expired. */
  readonly #instruments = new Map<string, QuotedInstrument>();
  #received: CallEvent[] = [];

  constructor(stage: Stage, emit: Emit) {
    this.stage = stage;
    this.#emit = emit;
  }

  /** Calls that reached the operators' topic so far, in the order they came. */
  get received(): readonly CallEvent[] {
    return this.#received;
  }

  get accountCount(): number {
    return this.#accounts.length;
  }

  /** Posts quotes; true when a price moved so far that the stage sweeps at once. */
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

  /** Sends every account's state to the ledger. What that takes counts for no sweep. */
  async loadAccounts(accounts: readonly SampleAccount[], atMs: number): Promise<void> {
    this.#accounts = accounts;
    await this.#send(accounts.map((account) => stateEvent(account, atMs)));
    await this.stage.takeWorkDone();
  }

  /**
   * Settles what has expired by the time of a batch that is about to be posted, at that batch's index. The exchange would
   * have done it at the expiry itself; the recordings have no prices of that moment.
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
    const work = this.stage.sendAccounts(events).then(() => this.stage.waitUntilIdle());
    await this.#during(work, async () => {
      const done = Math.min(events.length, this.stage.countAccountEvents() - before);
      this.#emit({ kind: "loading", done, total: events.length });
    });
  }

  /** Ticks the schedule and waits until its sweep and the calls that follow are through. */
  async sweep(atMs: number): Promise<SweepReport> {
    await this.stage.tick(atMs);
    return this.awaitSweep(atMs);
  }

  /** Waits until a sweep that a tick or a price has started is through, and reports it. */
  async awaitSweep(atMs: number): Promise<SweepReport> {
    await this.#during(this.stage.waitUntilIdle(), async () => {
      const begun = await this.stage.findSweep();
      if (begun) this.#emit({ kind: "sweeping", done: begun.shardsDone, total: begun.shardCount });
      await this.#collectCalls();
    });
    const sweep = await this.stage.findSweep();
    if (!sweep)
      throw new CommandError("the schedule ticked but no sweep began: are there prices? Look at the log above");
    const [snapshot, rows, work, deadLetters] = await Promise.all([
      this.stage.getSnapshot(sweep.snapshotId),
      this.stage.loadResults(),
      this.stage.takeWorkDone(),
      this.stage.countDeadLetters(),
    ]);
    const completedAtMs = sweep.completedAtMs ?? Date.now();
    const report: SweepReport = {
      snapshotId: sweep.snapshotId,
      parametersVersion: sweep.parametersVersion,
      asOfMs: atMs,
      completedAtMs,
      shards: sweep.shardCount,
      ...countRows(rows),
      durationMs: completedAtMs - sweep.startedAtMs,
      ...work,
      deadLetters,
      ...describeMarket(snapshot),
    };
    this.#emit({ kind: "swept", report });
    return report;
  }

  /** Looks again and again while work goes on, and once more when it is done. */
  async #during(work: Promise<void>, look: () => Promise<void>): Promise<void> {
    let isDone = false;
    const finished = work.finally(() => {
      isDone = true;
    });
    // It may fail during a look; the failure is thrown below.
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
    underlyings: snapshot.underlyings.map(({ underlying, indexPrice, quality }) => ({
      underlying,
      index_price: priceText(indexPrice),
      quality,
    })),
    instruments: snapshot.instruments.length,
  };
}
