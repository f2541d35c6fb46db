import type { SweepProgress } from "@plimsoll/app";
import type { MarketBatch } from "@plimsoll/markets";
import type { MarketSnapshot } from "@plimsoll/risk";
import type { AccountStateEvent, CallEvent, MarginRow, quoteBatchAnswer } from "@plimsoll/schema";
import type * as z from "zod";
import type { Usage } from "../cost/price-list.ts";
import type { Timings } from "./session-events.ts";

/** How long to wait for rest, and whether what failed is waited for until its next try, minutes later. */
export interface Patience {
  readonly timeoutMs: number;
  readonly retries: "wait" | "leave";
}

export interface Idleness {
  readonly isIdle: boolean;
  /** What is being worked on; nothing when it is idle. */
  readonly underWay: readonly string[];
  /** What comes of itself, later: messages that failed and wait for their next try. */
  readonly waiting: readonly string[];
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
  /** Resolves when no message, stream record or invocation is outstanding, or when the time is over. */
  readonly waitUntilIdle: (patience: Patience) => Promise<Idleness>;
  /** Why functions failed since last asked, each reason once. */
  readonly takeFailures: () => readonly string[];
  /** The newest sweep; undefined before the first. */
  readonly findSweep: () => Promise<SweepProgress | undefined>;
  readonly getSnapshot: (snapshotId: string) => Promise<MarketSnapshot>;
  /** Latest results of all accounts, sorted by account id. Throws where a shard's cannot be read, unless that is asked for. */
  readonly loadResults: (onUnreadable?: (problem: string) => void) => Promise<MarginRow[]>;
  /** Calls that came through the operators' topic since last asked, each event id once. */
  readonly receiveCalls: () => Promise<CallEvent[]>;
  /** All committed events, sorted by account id and sequence. */
  readonly loadCommittedCalls: () => Promise<CallEvent[]>;
  /** Committed events that are not published, those set aside too. */
  readonly countUnpublished: () => Promise<number>;
  readonly takeWorkDone: () => Promise<WorkDone>;
  readonly countDeadLetters: () => Promise<number>;
  /** Accounts whose state the exchange is asked for, sorted. */
  readonly findAccountsBehind: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}
