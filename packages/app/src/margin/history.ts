import type { StatedMargin } from "@plimsoll/calls";
import { type MarginRow, toNumber } from "@plimsoll/schema";
import type { HistoryPoint } from "@plimsoll/store";
import type { PreparedMarket } from "./prepared-markets.ts";

/** What the history gets of a new result: a point when the ratio moved enough, and the ratio to measure from after it. */
export interface NextHistory {
  readonly ratio: string | null;
  readonly point: HistoryPoint | null;
}

/** The first result only sets the ratio to measure from: a point per account and sweep would cost more than the sweep. */
export function nextHistory(
  row: MarginRow | undefined,
  margin: StatedMargin,
  bookId: string,
  { snapshot, parameters }: PreparedMarket,
): NextHistory {
  const ratio = margin.marginRatio;
  if (row === undefined) return { ratio, point: null };
  if (!hasMoved(row.historyRatio, ratio, parameters.historyTolerance)) return { ratio: row.historyRatio, point: null };
  const { snapshotId, marginBalance, initialMargin, maintenanceMargin, poolCurrency } = margin;
  return {
    ratio,
    point: {
      bookId,
      asOf: new Date(snapshot.asOfMs).toISOString(),
      snapshotId,
      marginRatio: ratio,
      marginBalance,
      initialMargin,
      maintenanceMargin,
      currency: poolCurrency,
    },
  };
}

/** A ratio that starts or ceases to exist, as the balance passes zero, has moved. */
function hasMoved(last: string | null, now: string | null, tolerance: number): boolean {
  if (last === null || now === null) return last !== now;
  return Math.abs(toNumber(now) - toNumber(last)) > tolerance;
}
