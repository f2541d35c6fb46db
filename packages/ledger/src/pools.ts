import { crossPoolId } from "@plimsoll/risk";
import type { LedgerAccount, LedgerPool, PoolHoldings } from "./account.ts";

/** Lists the pools of an account: its cross pool first, then the others by id. */
export function accountPools(account: LedgerAccount): LedgerPool[] {
  const { accountId: _, ledgerSequence: __, pools, ...contents } = account;
  return [{ poolId: crossPoolId, poolKind: "cross", ...contents }, ...pools];
}

export function findPool(account: LedgerAccount, poolId: string): LedgerPool | undefined {
  return accountPools(account).find((pool) => pool.poolId === poolId);
}

/** Returns the account with the given holdings replaced in one of its pools. */
export function withHoldings(account: LedgerAccount, poolId: string, holdings: Partial<PoolHoldings>): LedgerAccount {
  if (poolId === crossPoolId) return { ...account, ...holdings };
  const pools = account.pools.map((pool) => (pool.poolId === poolId ? { ...pool, ...holdings } : pool));
  return { ...account, pools };
}

export function sortPools(pools: readonly LedgerPool[]): LedgerPool[] {
  return pools.toSorted((a, b) => (a.poolId < b.poolId ? -1 : 1));
}

/** True when nothing is held, owed or ordered in the pool. */
export function isEmpty({ collateral, positions, openOrders }: PoolHoldings): boolean {
  return collateral.length + positions.length + openOrders.length === 0;
}

/** Lists the instruments of a pool's positions and orders, each once. */
export function heldInstruments({ positions, openOrders }: PoolHoldings): string[] {
  return [...new Set([...positions, ...openOrders].map(({ instrumentId }) => instrumentId))];
}
