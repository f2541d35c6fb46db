import { errorText, gapsOf, type MarginGap, type MarginRow } from "@plimsoll/schema";
import { loadBlock, type Table } from "@plimsoll/store";
import { findCompletedSweep } from "../sweeps/find-sweep.ts";

/** The latest results of all accounts of a stage. */
export interface StageResults {
  /** In the order of the shards. */
  readonly rows: MarginRow[];
  /** One sentence for each shard whose results cannot be read. */
  readonly unreadable: readonly string[];
}

export async function loadResults(margin: Table, shardCount: number): Promise<StageResults> {
  const unreadable: string[] = [];
  const load = async (shard: number) => {
    const { block, problem } = await loadBlock(margin, shard).catch((error: unknown) => {
      return { block: null, problem: errorText(error) };
    });
    if (problem !== null) unreadable.push(`the results of shard ${shard} cannot be read: ${problem}`);
    return block?.rows ?? [];
  };
  const rows = await Promise.all(Array.from({ length: shardCount }, (_, shard) => load(shard)));
  return { rows: rows.flat(), unreadable };
}

export interface StageGaps {
  readonly snapshotId: string;
  readonly gaps: readonly MarginGap[];
  readonly unreadable: readonly string[];
}

/** Loads the gaps of all accounts of a stage as of its newest completed sweep, or undefined before the first. */
export async function loadGaps(margin: Table): Promise<StageGaps | undefined> {
  const sweep = await findCompletedSweep(margin);
  if (sweep === undefined) return undefined;
  const { rows, unreadable } = await loadResults(margin, sweep.shardCount);
  return { snapshotId: sweep.snapshotId, gaps: gapsOf(rows), unreadable };
}
