import type { StatedRung } from "@plimsoll/calls";
import type { MayGoOn } from "@plimsoll/risk";
import { errorText, type MarginRow, stateLadder, stateProjection } from "@plimsoll/schema";
import type { Log } from "../log.ts";
import { refusalOf } from "./margin-pool.ts";
import type { PreparedEngine } from "./prepared-engines.ts";
import type { StoredPool } from "./stored-pools.ts";

/**
 * Results of a pool that no decision depends on, computed if there is time. The row says which are missing, and a later
 * pass computes them.
 */
export interface MissingExtras {
  /** True if the open orders have not been projected. */
  readonly projection: boolean;
  /** True if the last call event was sent without call prices. */
  readonly ladder: boolean;
}

export function missingExtras(row: MarginRow | undefined): MissingExtras {
  if (row?.status !== "margined") return { projection: false, ladder: false };
  return {
    projection: row.margin.notProjected?.code === "out_of_time",
    ladder: row.lateLadder?.ladder === null,
  };
}

/** Adds the margin projected to the worst fills of the open orders. The row is unchanged if the time ran out. */
export function projectOrders(
  row: MarginRow,
  { contents }: StoredPool,
  { engine }: PreparedEngine,
  mayGoOn: MayGoOn,
): MarginRow {
  if (contents === null || row.status !== "margined") return row;
  const { pool, openOrders } = contents;
  try {
    const projected = engine.projectMargin(pool, openOrders, mayGoOn);
    if (projected.status === "stopped") return row;
    return { ...row, margin: { ...row.margin, ...stateProjection(projected, pool.poolCurrency) } };
  } catch (error) {
    // An absurd order must not spoil the margin of what is held.
    const { code, value, remedy } = refusalOf(error);
    return { ...row, margin: { ...row.margin, notProjected: { code, field: "open_orders", value, remedy } } };
  }
}

/** The market for call prices, and the log for those that cannot be stated. */
export interface LadderContext {
  readonly market: PreparedEngine;
  readonly log: Log;
}

/** Computes the call prices of a pool. The list is empty if they cannot be stated, and null if the time ran out. */
export function ladderOf(
  { contents }: StoredPool,
  { market, log }: LadderContext,
  mayGoOn: MayGoOn,
): StatedRung[] | null {
  if (contents === null) return [];
  try {
    const prices = market.engine.callPrices(contents.pool, mayGoOn);
    return "status" in prices ? null : stateLadder(prices);
  } catch (error) {
    log.warn("call prices not told", { account_id: contents.pool.accountId, reason: errorText(error) });
    return [];
  }
}

/** Adds the call prices that the last event lacks. The row is unchanged if the time ran out. */
export function addLateLadder(row: MarginRow, pool: StoredPool, context: LadderContext, mayGoOn: MayGoOn): MarginRow {
  const ladder = ladderOf(pool, context, mayGoOn);
  return ladder === null ? row : { ...row, lateLadder: { snapshotId: context.market.snapshot.snapshotId, ladder } };
}
