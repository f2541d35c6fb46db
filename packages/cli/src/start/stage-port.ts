import type { SweepProgress } from "@plimsoll/app";
import type { MarketBatch } from "@plimsoll/markets";
import type { MarketSnapshot } from "@plimsoll/risk";
import type { AccountStateEvent, CallEvent, MarginRow, quoteBatchAnswer } from "@plimsoll/schema";
import type * as z from "zod";
import type { Usage } from "../cost/price-list.ts";
import type { Timings } from "./session-events.ts";
import type { StageEnvironment } from "./stage-environment.ts";

/**
 * How long to wait until the stage is idle, and whether to wait for the next try of failed work, which comes minutes
 * later.
 */
export interface Patience {
  readonly timeoutMs: number;
  readonly retries: "wait" | "leave";
}

export interface Idleness {
  readonly isIdle: boolean;
  /** What is being worked on. It is empty when the stage is idle. */
  readonly underWay: readonly string[];
  /** What goes on later by itself: messages that failed and wait for their next try. */
  readonly waiting: readonly string[];
}

/** What the stage's functions took since this was last asked for. */
export interface WorkDone {
  readonly usage: Usage;
  readonly timings: Timings;
  /** The most memory in bytes that a ComputeShard process has held since the stage's start. */
  readonly peakRssBytes: number;
}

/** A running stage as a session uses it. Prices and accounts go in, and results and calls come out. */
export interface Stage {
  readonly name: string;
  readonly apiUrl: string;
  /** The environment variables by which other programs of this machine reach the stage. */
  readonly environment: StageEnvironment;
  readonly shardCount: number;
  /** The seconds between two ticks of the sweep's schedule. */
  readonly scheduleSeconds: number;
  /** Makes the stage go by the market's clock, which may be behind the real one. */
  readonly setClock: (marketClock: () => number) => void;
  /** Posts quotes to the HTTP route, as of a time of the market's clock. */
  readonly postQuotes: (batch: MarketBatch, atMs: number) => Promise<z.infer<typeof quoteBatchAnswer>>;
  /** Sends account events into their queue. */
  readonly sendAccounts: (events: readonly AccountStateEvent[]) => Promise<void>;
  /** Returns how many account events the ledger has dealt with since the stage's start. */
  readonly countAccountEvents: () => number;
  /** Ticks the sweep's schedule at a time of the market's clock. */
  readonly tick: (atMs: number) => Promise<void>;
  /** Resolves when no message, stream record or invocation is outstanding, or when the time is over. */
  readonly waitUntilIdle: (patience: Patience) => Promise<Idleness>;
  /** Returns the reasons why functions failed since it was last called, each reason once. */
  readonly takeFailures: () => readonly string[];
  /** Finds the newest sweep, or undefined before the first. */
  readonly findSweep: () => Promise<SweepProgress | undefined>;
  readonly getSnapshot: (snapshotId: string) => Promise<MarketSnapshot>;
  /**
   * Loads the latest results of all accounts, sorted by account id. A shard that cannot be read goes to `onUnreadable`,
   * and without that it is thrown.
   */
  readonly loadResults: (onUnreadable?: (problem: string) => void) => Promise<MarginRow[]>;
  /** Returns the calls that came through the operators' topic since it was last called, each event id once. */
  readonly receiveCalls: () => Promise<CallEvent[]>;
  /** Returns how often the stage has begun to publish calls since its start. Without more of it there are no new calls. */
  readonly countPublications: () => number;
  /** Loads all committed events, sorted by account id and sequence. */
  readonly loadCommittedCalls: () => Promise<CallEvent[]>;
  /** Counts the committed events that are not published. Those that were set aside are counted too. */
  readonly countUnpublished: () => Promise<number>;
  readonly takeWorkDone: () => Promise<WorkDone>;
  readonly countDeadLetters: () => Promise<number>;
  /** Finds the accounts whose state the exchange is asked for, sorted. */
  readonly findAccountsBehind: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}
