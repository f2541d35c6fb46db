import type { Severity } from "@plimsoll/risk";
import type { CallEvent, MarginGap, RunSummary } from "@plimsoll/schema";
import type { Usage } from "../cost/price-list.ts";

/** What a session tells while it runs; screens and tests make of it what they need. */
export type SessionEvent =
  /** What it is at now. */
  | { readonly kind: "step"; readonly text: string }
  /** What is behind it. */
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "loading"; readonly done: number; readonly total: number }
  | { readonly kind: "ready"; readonly apiUrl: string; readonly scheduleSeconds: number }
  | { readonly kind: "prices"; readonly prices: PricesPosted }
  | { readonly kind: "settled"; readonly accounts: number }
  | { readonly kind: "sweeping"; readonly done: number; readonly total: number }
  | { readonly kind: "swept"; readonly report: SweepReport }
  | { readonly kind: "calls"; readonly events: readonly CallEvent[] };

export type Emit = (event: SessionEvent) => void;

export interface PricesPosted {
  readonly asOfMs: number;
  /** What made the price: the recording or feed, the demo's shock, or its random walk. */
  readonly cause: "market" | "shock" | "walk";
  readonly underlyings: readonly PostedPrice[];
  readonly instruments: number;
  readonly refused: number;
}

export interface PostedPrice {
  readonly underlying: string;
  readonly indexPrice: string;
  /** Since the session's first price; 0.88 is 12 % below. */
  readonly multiple: number;
  /** Since the price before, likewise. */
  readonly change: number;
}

export type Timings = RunSummary["timings"];

/** What one sweep did and took. */
export interface SweepReport {
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly asOfMs: number;
  readonly completedAtMs: number;
  readonly shards: number;
  /** Shards without results of this snapshot; none when the sweep is complete. */
  readonly shardsMissing: readonly number[];
  /** Why functions failed since the sweep before. */
  readonly failures: readonly string[];
  readonly accounts: number;
  readonly margined: number;
  /** Accounts without figures, by why. */
  readonly notMargined: ReadonlyMap<string, number>;
  /** Without those that are NORMAL for want of knowledge. */
  readonly severities: ReadonlyMap<Severity, number>;
  /** Accounts that are not margined in full, the gravest first. */
  readonly gaps: readonly MarginGap[];
  readonly durationMs: number;
  readonly usage: Usage;
  readonly timings: Timings;
  /** Most memory that a ComputeShard process ever held; 0 before the first. */
  readonly peakRssBytes: number;
  readonly deadLetters: number;
  /** Committed calls that reached nobody yet. */
  readonly unpublished: number;
  /** Accounts that lack events of the exchange: their figures rest on what came before. */
  readonly accountsBehind: readonly string[];
  readonly underlyings: RunSummary["market"]["underlyings"];
  readonly instruments: number;
}
