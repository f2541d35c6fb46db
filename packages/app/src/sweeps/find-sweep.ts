import {
  findCurrentSnapshot,
  findNewestCompletedSweep,
  findSweep,
  type SweepRecord,
  type Table,
} from "@plimsoll/store";

/** The progress of a snapshot's sweep. */
export interface SweepProgress {
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly shardCount: number;
  readonly shardsDone: number;
  /** Numbers of the shards without results of this snapshot. */
  readonly shardsMissing: readonly number[];
  readonly startedAtMs: number;
  /** Null until all shards are done. */
  readonly completedAtMs: number | null;
}

/** Finds the sweep of the newest snapshot that is not ahead of the clock, or undefined before the first. */
export async function findSweepProgress(
  market: Table,
  margin: Table,
  nowMs: number,
): Promise<SweepProgress | undefined> {
  const newest = await findCurrentSnapshot(market, nowMs);
  const sweep = newest && (await findSweep(margin, newest.snapshotId));
  if (sweep === undefined) return undefined;
  const { done, ...times } = sweep;
  const shards = Array.from({ length: sweep.shardCount }, (_, shard) => shard);
  const shardsMissing = shards.filter((shard) => !done.has(shard));
  return { ...newest!, ...times, shardsDone: done.size, shardsMissing };
}

/** Finds the newest sweep that all shards have completed, or undefined before the first. */
export async function findCompletedSweep(
  margin: Table,
): Promise<(SweepRecord & { readonly snapshotId: string }) | undefined> {
  const snapshotId = await findNewestCompletedSweep(margin);
  const sweep = snapshotId && (await findSweep(margin, snapshotId));
  return sweep ? { ...sweep, snapshotId: snapshotId! } : undefined;
}
