import * as z from "zod";
import { severity } from "./call-event.ts";
import { sequence, symbol } from "./primitives.ts";
import { snapshotId } from "./snapshot.ts";

/** `ACCOUNT#<id>` / `STATE`: where an account's call stands, and what that rests on. */
export const stateItem = z.object({
  severity,
  sequence: sequence.min(1),
  call_id: z.string().nullable(),
  opened_at_ms: z.int().nullable(),
  snapshot_id: snapshotId,
  ledger_sequence: sequence,
});

/** `UNPUBLISHED#<nn>` / `BOOK#<pool>#<sequence>`: a committed event that is not published yet. */
export const unpublishedItem = z.object({
  book_id: z.string(),
  sequence: sequence.min(1),
  /** By the wall clock: a replay's own clock may be far from it. */
  committed_at_ms: z.int(),
  /** Why it can never be published as things are; absent while it waits. */
  refusal: z.string().nullable().default(null),
});

/** `SHARD#017` / `LATEST`: head of the latest results of a shard. */
export const blockHead = z.object({
  /** Counts the writes of this item; a writer replaces only the version it read. */
  version: z.int().min(1),
  snapshot_id: snapshotId,
  parameters_version: z.string(),
  /** The last attempt whose changes of severity the rows know of, `attempt` of `TRANSITIONS`; empty before the first. */
  transitions: z.string(),
});

/** `SWEEP` / `<snapshot_id>`: how far a sweep has come. */
export const sweepItem = z.object({
  shard_count: z.int().min(1),
  started_at_ms: z.int(),
  done: z.set(z.number()).default(new Set()),
  completed_at_ms: z.int().optional(),
});

/** `QUOTE#<underlying>` / `<source>`: the last index price of a source. */
export const quoteItem = z.object({
  index_price: z.string(),
  observed_at_ms: z.int(),
  at_par: symbol.exactOptional(),
});

/** `ANCHOR` / `<underlying>`: the price the trigger measures moves from. */
export const anchorItem = z.object({ index_price: z.string(), as_of_ms: z.int() });
