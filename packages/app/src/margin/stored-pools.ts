import { crossPoolId, poolKeyOf } from "@plimsoll/risk";
import { kernelPools, type MarginRow, type PoolWithOrders } from "@plimsoll/schema";
import type { StoredAccount } from "@plimsoll/store";

/** One collateral pool of a stored account. Each pool is margined and called separately. */
export interface StoredPool {
  readonly poolKey: string;
  readonly accountId: string;
  readonly poolId: string;
  /** Null if the sequence could not be read. */
  readonly ledgerSequence: number | null;
  /** Null if the account could not be read. */
  readonly contents: PoolWithOrders | null;
  /** Why the account could not be read; null if it was. */
  readonly problem: string | null;
  /** Why its committed severity could not be read. It is null if it was read, or did not have to be. */
  readonly stateProblem: string | null;
  /** True if the ledger no longer has the pool. It is kept as an empty pool while a call on it is open. */
  readonly isClosed: boolean;
}

/** Lists the pools of a shard's accounts, and those that only the previous results contain. */
export function poolsOf(accounts: readonly StoredAccount[], rows: readonly MarginRow[]): StoredPool[] {
  const before = Map.groupBy(rows, ({ accountId }) => accountId);
  return accounts.flatMap((stored) => {
    const known = before.get(stored.accountId) ?? [];
    return stored.account === null
      ? unreadablePools(stored, known)
      : readPools(stored, kernelPools(stored.account), known);
  });
}

function readPools(stored: StoredAccount, pools: readonly PoolWithOrders[], rows: readonly MarginRow[]): StoredPool[] {
  const open = new Set(pools.map(({ poolId }) => poolId));
  const closed = rows.filter(({ poolId }) => !open.has(poolId)).map((row) => emptied(row, pools[0]!));
  return [
    ...pools.map((pool) => poolOf(stored, pool.poolId, pool)),
    ...closed.map((pool) => ({ ...poolOf(stored, pool.poolId, pool), isClosed: true })),
  ];
}

function unreadablePools(stored: StoredAccount, rows: readonly MarginRow[]): StoredPool[] {
  const poolIds = new Set([crossPoolId, ...rows.map(({ poolId }) => poolId)]);
  return [...poolIds].map((poolId) => poolOf(stored, poolId, null));
}

function poolOf(
  { accountId, ledgerSequence, problem }: StoredAccount,
  poolId: string,
  contents: PoolWithOrders | null,
) {
  const poolKey = poolKeyOf(accountId, poolId);
  return { poolKey, accountId, poolId, ledgerSequence, contents, problem, stateProblem: null, isClosed: false };
}

/** Builds an empty pool with the currency and method that it had last. */
function emptied(row: MarginRow, { pool }: PoolWithOrders): PoolWithOrders {
  const last = row.status === "margined" ? row.margin : row.lastGood;
  const { poolCurrency, methodId } = last ?? pool;
  return {
    poolId: row.poolId,
    pool: { ...pool, poolCurrency, methodId, collateral: [], positions: [] },
    openOrders: [],
  };
}
