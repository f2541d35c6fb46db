import { accountPools } from "@plimsoll/ledger";
import { type MarketSnapshot, type ParameterSet, poolKeyOf } from "@plimsoll/risk";
import { type MarginedRow, type NotMarginedRow, shardOf } from "@plimsoll/schema";
import { findAccount, findState, getParameters, getSnapshot, loadBlock, type Table } from "@plimsoll/store";
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
 * Loads one pool of an account with its latest result. The holdings are the current ones, as the ledger does not keep
 * past ones.
 */
export async function findMarginedPool(
  { market, margin, ledger }: StageTables,
  accountId: string,
  poolId: string,
): Promise<MarginedPool | NoMargin> {
  const sweep = await findCompletedSweep(margin);
  if (sweep === undefined) return { kind: "no_sweep" };
  const { block } = await loadBlock(margin, shardOf(accountId, sweep.shardCount));
  const row = block?.rows.find((entry) => entry.accountId === accountId && entry.poolId === poolId);
  const stored = await findAccount(ledger, accountId, sweep.shardCount);
  const pool = stored?.account && accountPools(stored.account).find((entry) => entry.poolId === poolId);
  if (row === undefined || !stored?.account || !pool) return { kind: "no_result", problem: stored?.problem ?? null };
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
