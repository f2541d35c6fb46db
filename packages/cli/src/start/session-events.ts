import type { Severity } from "@plimsoll/risk";
import type { CallEvent, MarginGap, RunSummary } from "@plimsoll/schema";
import type { Usage } from "../cost/price-list.ts";

/** What a session tells while it runs. Screens and tests use of it what they need. */
export type SessionEvent =
  /** What the session is doing now. */
  | { readonly kind: "step"; readonly text: string }
  /** What the session has finished. */
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "loading"; readonly done: number; readonly total: number }
  | {
      readonly kind: "ready";
      readonly apiUrl: string;
      readonly environmentFile: string;
      readonly scheduleSeconds: number;
    }
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
  /** The price as a multiple of the session's first price; 0.88 is 12 % below. */
  readonly multiple: number;
  /** The price as a multiple of the price before. */
  readonly change: number;
}

export type Timings = RunSummary["timings"];

/** What one sweep did, and what it used. */
export interface SweepReport {
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly asOfMs: number;
  readonly completedAtMs: number;
  readonly shards: number;
  /** The shards without results of this snapshot. There are none when the sweep is complete. */
  readonly shardsMissing: readonly number[];
  /** The reasons why functions failed since the sweep before. */
  readonly failures: readonly string[];
  readonly accounts: number;
  readonly margined: number;
  /** The number of accounts without figures, by reason. */
  readonly notMargined: ReadonlyMap<string, number>;
  /** The number of accounts by severity, without those whose severity is unknown. */
  readonly severities: ReadonlyMap<Severity, number>;
  /** The accounts that are not margined in full, the gravest first. */
  readonly gaps: readonly MarginGap[];
  readonly durationMs: number;
  readonly usage: Usage;
  readonly timings: Timings;
  /** The most memory in bytes that a ComputeShard process ever held; 0 before the first. */
  readonly peakRssBytes: number;
  readonly deadLetters: number;
  /** The number of committed calls that are not published yet. */
  readonly unpublished: number;
  /** The accounts that lack events of the exchange. Their figures rest on what came before. */
  readonly accountsBehind: readonly string[];
  readonly underlyings: RunSummary["market"]["underlyings"];
  readonly instruments: number;
}
