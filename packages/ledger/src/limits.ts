import type { LedgerAccount, LedgerEvent, LedgerRefusal } from "./account.ts";
import { accountPools, heldInstruments } from "./pools.ts";

/** The most that one account may hold of each kind. An event that would exceed them is refused as a whole. */
export interface LedgerLimits {
  /** Positions in all pools together. */
  readonly positionsPerAccount: number;
  /** Orders in all pools together. */
  readonly openOrdersPerAccount: number;
  /** Pools other than the cross pool. */
  readonly poolsPerAccount: number;
  /** Assets in one pool. */
  readonly collateralAssets: number;
  /** The highest sequence with which an unknown account may begin. */
  readonly firstLedgerSequence: number;
  /** The most by which the sequence of an event may exceed the sequence held. */
  readonly ledgerSequenceJump: number;
}

/**
 * Says why the sequence of an event is too far ahead, or null if it is acceptable. If one wrong high number were taken,
 * every later event would look like a duplicate.
 */
export function findRunaway(
  { ledgerSequence }: Pick<LedgerEvent, "ledgerSequence">,
  heldSequence: number,
  limits: LedgerLimits,
): LedgerRefusal | null {
  const refuse = (problem: string) =>
    ({ kind: "refused", field: "ledger_sequence", value: String(ledgerSequence), problem }) as const;
  if (heldSequence === 0) {
    if (ledgerSequence <= limits.firstLedgerSequence) return null;
    return refuse(
      `at most ${limits.firstLedgerSequence} for an unknown account: send account_state with its own counter`,
    );
  }
  const highest = heldSequence + limits.ledgerSequenceJump;
  if (ledgerSequence <= highest) return null;
  return refuse(
    `at most ${highest}, which is ${limits.ledgerSequenceJump} above the ${heldSequence} held: send account_state with the ` +
      "account's own counter; if it did move so far, one account_state for each such step",
  );
}

/**
 * Finds the limit that an account exceeds, or the isolated pool that holds more than one instrument. The result is null
 * if it is within all limits.
 */
export function findExcess(account: LedgerAccount, limits: LedgerLimits): LedgerRefusal | null {
  const pools = accountPools(account);
  for (const { poolId, poolKind, ...held } of pools) {
    if (poolKind === "cross" || heldInstruments(held).length <= 1) continue;
    const value = `${heldInstruments(held).join(", ")} in ${poolId}`;
    const problem = "one instrument in an isolated pool: open another pool for the next";
    return { kind: "refused", field: "pool_id", value, problem };
  }
  const count = (list: "positions" | "openOrders") => pools.reduce((total, pool) => total + pool[list].length, 0);
  return (
    atMost("positions", count("positions"), limits.positionsPerAccount, "positions") ??
    atMost("open_orders", count("openOrders"), limits.openOrdersPerAccount, "open orders") ??
    atMost("pools", account.pools.length, limits.poolsPerAccount, "pools: close those that are empty") ??
    atMost("collateral", Math.max(...pools.map((pool) => pool.collateral.length)), limits.collateralAssets, "assets")
  );
}

function atMost(field: string, count: number, limit: number, what: string): LedgerRefusal | null {
  if (count <= limit) return null;
  return { kind: "refused", field, value: String(count), problem: `at most ${limit} ${what}` };
}
