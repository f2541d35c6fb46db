import { accountPools } from "@plimsoll/ledger";
import { type MarketSnapshot, type ParameterSet, poolKeyOf } from "@plimsoll/risk";
import { errorText, type MarginedRow, type NotMarginedRow, shardOf } from "@plimsoll/schema";
import {
  type AccountRows,
  findAccount,
  findRows,
  findState,
  getParameters,
  getSnapshot,
  PartMemory,
  StoreError,
  type Table,
} from "@plimsoll/store";
import { findCompletedSweep } from "../sweeps/find-sweep.ts";

/** The tables of a stage that an account's margin is computed from. */
export interface StageTables {
  readonly market: Table;
  readonly margin: Table;
  readonly ledger: Table;
}

/** The latest result of one pool of an account with its inputs. */
export interface MarginedPool {
  readonly kind: "margined";
  readonly row: MarginedRow;
  readonly pool: ReturnType<typeof accountPools>[number];
  readonly ledgerSequence: number;
  readonly snapshot: MarketSnapshot;
  readonly parameters: ParameterSet;
  /** The snapshot of the pool's last call event. It is null if there is none, or if it is the same snapshot. */
  readonly earlierSnapshot: MarketSnapshot | null;
}

/**
 * Why there is no margin to explain: no sweep has completed, the pool has no result or cannot be read, or it has no
 * figures.
 */
export type NoMargin =
  | { readonly kind: "no_sweep" }
  | { readonly kind: "no_result"; readonly problem: string | null }
  | { readonly kind: "not_margined"; readonly row: NotMarginedRow };

/**
 * Finds the latest results of all pools of an account, or undefined if it has none. It costs one read once the memory
 * knows the account's shard; see findRows. Throws a StoreError if the results cannot be read.
 */
export function findAccountRows(
  margin: Table,
  accountId: string,
  shardCount: number,
  nowMs: number,
  memory: PartMemory,
): Promise<AccountRows | undefined> {
  return findRows(margin, shardOf(accountId, shardCount), accountId, nowMs, memory);
}

/**
 * Loads one pool of an account with its latest result. The holdings are the current ones, as the ledger does not keep
 * past ones. A process that asks more than once hands in its own memory.
 */
export async function findMarginedPool(
  { market, margin, ledger }: StageTables,
  accountId: string,
  poolId: string,
  nowMs: number,
  memory: PartMemory = new PartMemory(),
): Promise<MarginedPool | NoMargin> {
  const sweep = await findCompletedSweep(margin);
  if (sweep === undefined) return { kind: "no_sweep" };
  const found = await findAccountRows(margin, accountId, sweep.shardCount, nowMs, memory).catch((error: unknown) => {
    if (error instanceof StoreError) return { problem: errorText(error), rows: [] };
    throw error;
  });
  const row = found?.rows.find((entry) => entry.poolId === poolId);
  const stored = await findAccount(ledger, accountId, sweep.shardCount);
  const pool = stored?.account && accountPools(stored.account).find((entry) => entry.poolId === poolId);
  if (row === undefined || !stored?.account || !pool) {
    const unreadable = found !== undefined && "problem" in found ? found.problem : null;
    return { kind: "no_result", problem: unreadable ?? stored?.problem ?? null };
  }
  if (row.status === "not_margined") return { kind: "not_margined", row };
  const { snapshotId, parametersVersion } = row.margin;
  const snapshot = await getSnapshot(market, snapshotId);
  const parameters = await getParameters(market, parametersVersion);
  const { ledgerSequence } = stored.account;
  const state = await findState(margin, poolKeyOf(accountId, poolId));
  const isOlder = state !== undefined && state.snapshotId !== snapshotId;
  const earlierSnapshot = isOlder ? await getSnapshot(market, state.snapshotId) : null;
  return { kind: "margined", row, pool, ledgerSequence, snapshot, parameters, earlierSnapshot };
}
