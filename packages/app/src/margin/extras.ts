import type { StatedRung } from "@plimsoll/calls";
import type { MayGoOn } from "@plimsoll/risk";
import { errorText, type MarginRow, stateLadder, stateProjection } from "@plimsoll/schema";
import type { Log } from "../log.ts";
import type { StoredBook } from "./books.ts";
import { refusalOf } from "./margin-book.ts";
import type { PreparedMarket } from "./prepared-markets.ts";

/**
 * What is told of a pool beside its margin and its severity, for as long as there is time: nothing is decided by it. What is
 * left out is named in the row, and a later pass over the shard goes on with it.
 */
export interface MissingExtras {
  /** The open orders have not been looked at. */
  readonly projection: boolean;
  /** The last call event went out without call prices. */
  readonly ladder: boolean;
}

export function missingExtras(row: MarginRow | undefined): MissingExtras {
  if (row?.status !== "margined") return { projection: false, ladder: false };
  return {
    projection: row.margin.notProjected?.code === "out_of_time",
    ladder: row.lateLadder?.ladder === null,
  };
}

/** The row with its margin projected to the worst of the open orders; as it was where the time ran out. */
export function projectOrders(
  row: MarginRow,
  { pool }: StoredBook,
  { engine }: PreparedMarket,
  mayGoOn: MayGoOn,
): MarginRow {
  if (pool === null || row.status !== "margined") return row;
  const { account, openOrders } = pool;
  try {
    const projected = engine.projectMargin(account, openOrders, mayGoOn);
    if (projected.status === "stopped") return row;
    return { ...row, margin: { ...row.margin, ...stateProjection(projected, account.poolCurrency) } };
  } catch (error) {
    // Whatever is ordered, the margin of what is held stands.
    const { code, value, remedy } = refusalOf(error);
    return { ...row, margin: { ...row.margin, notProjected: { code, field: "open_orders", value, remedy } } };
  }
}

/** What call prices are computed with, and where it is said that some are beyond telling. */
export interface LadderContext {
  readonly market: PreparedMarket;
  readonly log: Log;
}

/** The call prices of a pool as they are told, none where they are beyond telling; null where the time ran out. */
export function ladderOf({ pool }: StoredBook, { market, log }: LadderContext, mayGoOn: MayGoOn): StatedRung[] | null {
  if (pool === null) return [];
  try {
    const prices = market.engine.callPrices(pool.account, mayGoOn);
    return "status" in prices ? null : stateLadder(prices);
  } catch (error) {
    log.warn("call prices not told", { account_id: pool.account.accountId, reason: errorText(error) });
    return [];
  }
}

/** The row with the call prices that its last event lacks; as it was where the time ran out. */
export function addLateLadder(row: MarginRow, book: StoredBook, context: LadderContext, mayGoOn: MayGoOn): MarginRow {
  const ladder = ladderOf(book, context, mayGoOn);
  return ladder === null ? row : { ...row, lateLadder: { snapshotId: context.market.snapshot.snapshotId, ladder } };
}
