import { firstIdAhead, sweepItem } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { expiryOf, sweepDays } from "./retention.ts";
import { findItem, putItem, type Table, updateItem } from "./table.ts";

/** Records a sweep before its shards are queued. An existing record is not replaced. */
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
 * Records that a shard has its results. Returns the duration of the sweep if this shard completed it, otherwise null;
 * at most one caller gets it. Repeats change nothing. If the answer of the last update is lost, only the duration is
 * lost.
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
  // This is written before the sweep is marked as completed, since no repeat gets here after that.
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

/** The progress of a snapshot's sweep. */
export interface SweepRecord {
  readonly shardCount: number;
  /** Numbers of the shards that have results of the snapshot. */
  readonly done: ReadonlySet<number>;
  readonly startedAtMs: number;
  /** Null until all shards are done. */
  readonly completedAtMs: number | null;
}

/** Finds the record of a snapshot's sweep, or undefined if there is none. */
export async function findSweep(margin: Table, snapshotId: string): Promise<SweepRecord | undefined> {
  const item = await findItem(margin, keys.sweep(snapshotId));
  if (item === undefined) return undefined;
  const { shard_count, done, started_at_ms, completed_at_ms = null } = sweepItem.parse(item);
  return { shardCount: shard_count, done, startedAtMs: started_at_ms, completedAtMs: completed_at_ms };
}

/** Finds the snapshot of the newest completed sweep, or undefined before the first. */
export async function findNewestCompletedSweep(margin: Table): Promise<string | undefined> {
  const item = await findItem(margin, keys.newestCompletedSweep);
  return item?.snapshot_id;
}
