import type { MarketSnapshot } from "@plimsoll/risk";
import type { AccountStateEvent, CallEvent, MarginRow, quoteBatchAnswer } from "@plimsoll/schema";
import type { z } from "zod";
import type { Usage } from "../cost/price-list.ts";
import type { MarketBatch } from "../import/quote-batch.ts";
import type { Timings } from "./session-events.ts";

/** How far the sweep of a snapshot has come. */
export interface SweepProgress {
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly shardCount: number;
  readonly shardsDone: number;
  readonly startedAtMs: number;
  /** Null while shards are outstanding. */
  readonly completedAtMs: number | null;
}

/** What the stage's functions took since it was asked before. */
export interface WorkDone {
  readonly usage: Usage;
  readonly timings: Timings;
  /** Of the ComputeShard processes since the stage's start. */
  readonly peakRssBytes: number;
}

/** A running stage as a session uses it: prices and accounts in at the front, results and calls out at the back. */
export interface Stage {
  readonly name: string;
  readonly apiUrl: string;
  readonly shardCount: number;
  /** Seconds between two ticks of the sweep's schedule. */
  readonly scheduleSeconds: number;
  /** Has the stage go by the market's clock, which may be behind the real one. */
  readonly setClock: (marketClock: () => number) => void;
  /** Posts quotes to the HTTP route, as of a time of the market's clock. */
  readonly postQuotes: (batch: MarketBatch, atMs: number) => Promise<z.infer<typeof quoteBatchAnswer>>;
  /** Sends account events into their queue. */
  readonly sendAccounts: (events: readonly AccountStateEvent[]) => Promise<void>;
  /** Account events that the ledger has dealt with since the stage's start. */
  readonly countAccountEvents: () => number;
  /** Ticks the sweep's schedule at a time of the market's clock. */
  readonly tick: (atMs: number) => Promise<void>;
  /** Resolves when no message, stream record or invocation is outstanding. */
  readonly waitUntilIdle: () => Promise<void>;
  /** The newest sweep; undefined before the first. */
  readonly findSweep: () => Promise<SweepProgress | undefined>;
  readonly getSnapshot: (snapshotId: string) => Promise<MarketSnapshot>;
  /** Latest results of all accounts, sorted by account id. */
  readonly loadResults: () => Promise<MarginRow[]>;
  /** Calls that came through the operators' topic since last asked, each event id once. */
  readonly receiveCalls: () => Promise<CallEvent[]>;
  /** All committed events, sorted by account id and sequence. */
  readonly loadCommittedCalls: () => Promise<CallEvent[]>;
  readonly takeWorkDone: () => Promise<WorkDone>;
  readonly countDeadLetters: () => Promise<number>;
  readonly stop: () => Promise<void>;
}
