import { defaultParameters, type MarketSnapshot } from "@plimsoll/risk";
import { nameSnapshot } from "@plimsoll/schema";
import type { Answered } from "./api.ts";
import { ask } from "./api.ts";
import { Clock } from "./clock.ts";
import { memoryServices } from "./services.ts";
import { startTestStage, type TestStage, testSettings } from "./stage.ts";
import { iso } from "./venue.ts";

/** Where the tables of a stage keep what a what-if could wrongly write. */
const tables = ["Ledger", "Market", "Margin", "Notify"] as const;

/** An event of an account, or its state, without what all events have. */
export type AccountChange = { readonly kind: string } & Readonly<Record<string, unknown>>;

async function importHandlers() {
  return {
    ingestAccounts: (await import("../../functions/ingest-accounts.ts")).handler,
    computeShard: (await import("../../functions/compute-shard.ts")).handler,
    reads: (await import("../../functions/answer-reads.ts")).handler,
    questions: (await import("../../functions/answer-questions.ts")).handler,
  };
}

/**
 * A stage in memory with one shard, whose markets are given as whole snapshots. Accounts come in through the queue, and
 * the real handlers margin them and answer for them.
 */
export class AskedStage {
  readonly #stage: TestStage;
  readonly #handlers: Awaited<ReturnType<typeof importHandlers>>;
  readonly #clock: Clock;
  readonly #startCold: () => void;
  readonly #startMs: number;
  #asked = 0;
  readonly #save: (snapshot: MarketSnapshot, nowMs: number) => Promise<void>;

  private constructor(
    stage: TestStage,
    handlers: Awaited<ReturnType<typeof importHandlers>>,
    clock: Clock,
    startCold: () => void,
    save: (snapshot: MarketSnapshot, nowMs: number) => Promise<void>,
  ) {
    this.#stage = stage;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#startCold = startCold;
    this.#save = save;
  }

  static async open(startMs: number): Promise<AskedStage> {
    const clock = new Clock(startMs);
    const stage = await startTestStage(
      { ...testSettings, shardCount: 1 },
      memoryServices(() => clock.nowMs()),
    );
    // Imported after the stage is linked, like the functions.
    const { startCold } = await import("@plimsoll/runtime");
    const { saveParameters, saveSnapshot, startSweepRecord } = await import("@plimsoll/store");
    const save = async (snapshot: MarketSnapshot, nowMs: number) => {
      await saveParameters(stage.table("Market"), defaultParameters);
      await saveSnapshot(stage.table("Market"), snapshot, defaultParameters.parametersVersion, nowMs);
      await startSweepRecord(stage.table("Margin"), { snapshotId: snapshot.snapshotId, shardCount: 1 }, nowMs);
    };
    return new AskedStage(stage, await importHandlers(), clock, startCold, save);
  }

  async close(): Promise<void> {
    this.#clock.stop();
    await this.#stage.stop();
  }

  /** Begins anew: empties tables, queues and what the process keeps, and sets the clock back. */
  async clear(): Promise<void> {
    this.#clock.set(this.#startMs);
    this.#startCold();
    await this.#stage.clear(() => false);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Lets a minute pass, and margins all accounts on this market as of then. Returns the market. */
  async sweep(market: MarketSnapshot): Promise<MarketSnapshot> {
    this.#clock.pass(60_000);
    const { snapshotId: _, ...content } = market;
    const snapshot = nameSnapshot({ ...content, asOfMs: this.nowMs() });
    await this.#save(snapshot, this.nowMs());
    await this.#stage.send("ShardWork", {
      schema_version: 1,
      snapshot_id: snapshot.snapshotId,
      parameters_version: defaultParameters.parametersVersion,
      shard: 0,
      shard_count: 1,
      reason: "sweep",
      requested_at: iso(this.nowMs()),
    });
    await this.#margin();
    return snapshot;
  }

  /**
   * Sends events of accounts through the queue, each account's from a sequence on, and lets the pass run that they
   * trigger.
   */
  async tell(
    accounts: readonly {
      readonly accountId: string;
      readonly from: number;
      readonly events: readonly AccountChange[];
    }[],
  ): Promise<void> {
    for (const { accountId, from, events } of accounts) {
      for (const [index, event] of events.entries()) {
        await this.#stage.send("AccountEvents", {
          schema_version: 1,
          account_id: accountId,
          ledger_sequence: from + index,
          occurred_at: iso(this.nowMs()),
          ...event,
        });
      }
    }
    await this.#stage.consume("AccountEvents", this.#handlers.ingestAccounts);
    await this.#margin();
  }

  async #margin(): Promise<void> {
    await this.#stage.consume("ShardWork", this.#handlers.computeShard, { batchSize: 1 });
  }

  read(route: string): Promise<Answered> {
    return ask(this.#handlers.reads, route, { atMs: this.nowMs(), name: this.#nextName() });
  }

  question(route: string, body?: unknown): Promise<Answered> {
    return ask(this.#handlers.questions, route, {
      atMs: this.nowMs(),
      name: this.#nextName(),
      ...(body !== undefined && { body }),
    });
  }

  /** Names a back end for each request, as each has its own limit. */
  #nextName(): string {
    this.#asked += 1;
    return `backend-${this.#asked}`;
  }

  /** Returns what a route answers, which must be 200. */
  async asked(route: string, body?: unknown): Promise<Answered["body"]> {
    const answer = await (body === undefined && !route.startsWith("POST")
      ? this.read(route)
      : this.question(route, body));
    if (answer.status !== 200) throw new Error(`${route}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Returns the binding result of one pool. */
  async marginOf(accountId: string, poolId = "cross"): Promise<Answered["body"]> {
    const { pools } = await this.asked(`GET /v1/accounts/${accountId}/margin`);
    return pools.find(({ pool_id }: { readonly pool_id: string }) => pool_id === poolId);
  }

  /** Returns everything that the stage has stored and queued, as one text. */
  async everything(): Promise<string> {
    const items = await Promise.all(tables.map((name) => this.#stage.scan(name)));
    const waiting = await Promise.all(
      ["AccountEvents", "ShardWork", "Rejects", "SweepRequests"].map((queue) =>
        this.#stage.count(queue as "ShardWork"),
      ),
    );
    return JSON.stringify([items, waiting]);
  }
}
