import { firstIdAhead, sweepItem } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { expiryOf } from "./packed.ts";
import { findItem, putItem, type Table, updateItem } from "./table.ts";

/** Days the record of a sweep is kept. */
const sweepDays = 35;

/** Records a sweep before its shards are asked for; a record that is there already stays as it is. */
export async function startSweepRecord(
  margin: Table,
  sweep: { readonly snapshotId: string; readonly shardCount: number },
  nowMs: number,
): Promise<void> {
  const ttl = expiryOf(nowMs, sweepDays);
  await putItem(
    margin,
    { ...keys.sweep(sweep.snapshotId), shard_count: sweep.shardCount, started_at_ms: nowMs, ttl },
    { expression: "attribute_not_exists(pk)" },
  );
}

/**
 * Records that a shard has its results. Returns how long the sweep took when this shard completed it, null otherwise:
 * of all that report the last shard, one at most is told. Repeats change nothing; where the answer of the last update is lost,
 * only that duration goes unmeasured.
 */
export async function reportShard(
  margin: Table,
  snapshotId: string,
  shard: number,
  nowMs: number,
): Promise<{ readonly durationMs: number } | null> {
  const key = keys.sweep(snapshotId);
  const reported = await updateItem(margin, key, {
    expression: "ADD done :shard",
    values: { ":shard": new Set([shard]) },
    condition: "attribute_exists(pk)",
  });
  if (reported === undefined) return null;
  const sweep = sweepItem.parse(reported);
  if (sweep.done.size < sweep.shard_count || sweep.completed_at_ms !== undefined) return null;
  // Before it is said to be completed, after which no repeat comes here.
  await updateItem(margin, keys.newestCompletedSweep, {
    expression: "SET snapshot_id = :snapshot",
    values: { ":snapshot": snapshotId, ":ahead": firstIdAhead(nowMs) },
    condition: "attribute_not_exists(pk) OR snapshot_id < :snapshot OR snapshot_id >= :ahead",
  });
  const completed = await updateItem(margin, key, {
    expression: "SET completed_at_ms = :now",
    values: { ":now": nowMs },
    condition: "attribute_not_exists(completed_at_ms)",
  });
  return completed === undefined ? null : { durationMs: nowMs - sweep.started_at_ms };
}

/** How far the sweep of a snapshot has come. */
export interface SweepRecord {
  readonly shardCount: number;
  /** Shards that have results of the snapshot, by their numbers. */
  readonly done: ReadonlySet<number>;
  readonly startedAtMs: number;
  /** Null while shards are outstanding. */
  readonly completedAtMs: number | null;
}

/** The record of a sweep; undefined where there is none of this snapshot. */
export async function findSweep(margin: Table, snapshotId: string): Promise<SweepRecord | undefined> {
  const item = await findItem(margin, keys.sweep(snapshotId));
  if (item === undefined) return undefined;
  const { shard_count, done, started_at_ms, completed_at_ms = null } = sweepItem.parse(item);
  return { shardCount: shard_count, done, startedAtMs: started_at_ms, completedAtMs: completed_at_ms };
}

/** Snapshot of the newest sweep that all shards have completed; undefined before the first. */
export async function findNewestCompletedSweep(margin: Table): Promise<string | undefined> {
  const item = await findItem(margin, keys.newestCompletedSweep);
  return item?.snapshot_id;
}
