import { bookIdOf, crossPoolId } from "@plimsoll/risk";
import { type KernelPool, kernelPools, type MarginRow } from "@plimsoll/schema";
import type { StoredAccount } from "@plimsoll/store";

/** One collateral pool of a stored account. Each pool is margined and called separately. */
export interface StoredBook {
  readonly bookId: string;
  readonly accountId: string;
  readonly poolId: string;
  /** Null if the sequence could not be read. */
  readonly ledgerSequence: number | null;
  /** Null if the account could not be read. */
  readonly pool: KernelPool | null;
  /** Why the account could not be read; null if it was. */
  readonly problem: string | null;
  /** Why its committed severity could not be read. It is null if it was read, or did not have to be. */
  readonly stateProblem: string | null;
  /** True if the ledger no longer has the pool. It is kept as an empty pool while a call on it is open. */
  readonly isClosed: boolean;
}

/** Lists the pools of a shard's accounts, and those that only the previous results contain. */
export function booksOf(accounts: readonly StoredAccount[], rows: readonly MarginRow[]): StoredBook[] {
  const before = Map.groupBy(rows, ({ accountId }) => accountId);
  return accounts.flatMap((stored) => {
    const known = before.get(stored.accountId) ?? [];
    return stored.account === null
      ? unreadableBooks(stored, known)
      : readBooks(stored, kernelPools(stored.account), known);
  });
}

function readBooks(stored: StoredAccount, pools: readonly KernelPool[], rows: readonly MarginRow[]): StoredBook[] {
  const open = new Set(pools.map(({ poolId }) => poolId));
  const closed = rows.filter(({ poolId }) => !open.has(poolId)).map((row) => emptied(row, pools[0]!));
  return [
    ...pools.map((pool) => bookOf(stored, pool.poolId, pool)),
    ...closed.map((pool) => ({ ...bookOf(stored, pool.poolId, pool), isClosed: true })),
  ];
}

function unreadableBooks(stored: StoredAccount, rows: readonly MarginRow[]): StoredBook[] {
  const poolIds = new Set([crossPoolId, ...rows.map(({ poolId }) => poolId)]);
  return [...poolIds].map((poolId) => bookOf(stored, poolId, null));
}

function bookOf({ accountId, ledgerSequence, problem }: StoredAccount, poolId: string, pool: KernelPool | null) {
  const bookId = bookIdOf(accountId, poolId);
  return { bookId, accountId, poolId, ledgerSequence, pool, problem, stateProblem: null, isClosed: false };
}

/** Builds an empty pool with the currency and method that it had last. */
function emptied(row: MarginRow, { account }: KernelPool): KernelPool {
  const last = row.status === "margined" ? row.margin : row.lastGood;
  const { poolCurrency, methodId } = last ?? account;
  return {
    poolId: row.poolId,
    account: { ...account, poolCurrency, methodId, collateral: [], positions: [] },
    openOrders: [],
  };
}
