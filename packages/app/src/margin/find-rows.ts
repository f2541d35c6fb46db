import { type MarginRow, shardOf } from "@plimsoll/schema";
import { loadBlock, type Table } from "@plimsoll/store";

/** What a process remembers of where the rows of shards are. */
export class RowPlaces {
  clear(): void {}
}

/** The latest results of one account, and what they rest on. */
export interface AccountRows {
  readonly rows: readonly MarginRow[];
  readonly snapshotId: string;
  readonly parametersVersion: string;
}

/** Finds the latest results of one account, or undefined if it has none. */
export async function findAccountRows(
  margin: Table,
  accountId: string,
  { shardCount }: { readonly shardCount: number; readonly places: RowPlaces; readonly nowMs: () => number },
): Promise<AccountRows | undefined> {
  const { block } = await loadBlock(margin, shardOf(accountId, shardCount));
  const rows = block?.rows.filter((row) => row.accountId === accountId) ?? [];
  return block === null || rows.length === 0
    ? undefined
    : { rows, snapshotId: block.snapshotId, parametersVersion: block.parametersVersion };
}
