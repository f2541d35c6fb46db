import * as z from "zod";
import { severity } from "./call-event.ts";
import { decimal, sequence, symbol } from "./primitives.ts";
import { snapshotId } from "./snapshot.ts";

/**
 * `ACCOUNT#<id>` / `STATE`: the state of an account's call, and the snapshot and ledger sequence that it was decided
 * on.
 */
export const stateItem = z.object({
  severity,
  sequence: sequence.min(1),
  call_id: z.string().nullable(),
  opened_at_ms: z.int().nullable(),
  snapshot_id: snapshotId,
  ledger_sequence: sequence,
});

/** `UNPUBLISHED#<nn>` / `BOOK#<pool>#<sequence>`: a committed event that has not been published yet. */
export const unpublishedItem = z.object({
  book_id: z.string(),
  sequence: sequence.min(1),
  /** Wall-clock time, since the clock of a replay may be far from it. */
  committed_at_ms: z.int(),
  /** Why the event can never be published as it is. It is null while it waits. */
  refusal: z.string().nullable().default(null),
});

/** `SHARD#017` / `LATEST`: the head of a shard's latest results. */
export const blockHead = z.object({
  /** Number of writes of this item. A writer replaces only the version that it read. */
  version: z.int().min(1),
  snapshot_id: snapshotId,
  parameters_version: z.string(),
  /**
   * The last attempt whose changes of severity are in the rows, by its name (`attempt` of `TRANSITIONS`). It is empty
   * before the first.
   */
  transitions: z.string(),
  /** Number of parts that hold the results. It is absent if the head holds them itself, or if they are in chunks. */
  part_count: z.int().min(2).exactOptional(),
  /** The sort key of the parts. It is there if `part_count` is. */
  part_sk: z.string().exactOptional(),
});

/**
 * `PART#SHARD#017#<parts>#<part>` / `SLOT#<0 or 1>`, `SPARE#<version>#<hash>`: all results of some accounts of a shard,
 * packed in `data`. Without `data` it says that the shard's results are no longer divided into so many parts.
 */
export const blockPart = z.object({
  /** The version of the head that the part was written for. */
  version: z.int().min(1),
  snapshot_id: snapshotId,
  data: z.instanceof(Uint8Array).exactOptional(),
});

/** `ACCOUNT#<pool>` / `HISTORY#<time>`: a point of a pool's margin history. */
export const historyItem = z.object({
  snapshot_id: snapshotId,
  margin_ratio: decimal.nullable(),
  margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
  currency: symbol,
});

/** `SWEEP` / `<snapshot_id>`: the progress of a sweep. */
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

/** `ANCHOR` / `<underlying>`: the price from which the trigger measures moves. */
export const anchorItem = z.object({ index_price: z.string(), as_of_ms: z.int() });
