import type { StatedMargin } from "@plimsoll/calls";
import { type MarginRow, toNumber } from "@plimsoll/schema";
import type { HistoryPoint } from "@plimsoll/store";
import type { PreparedEngine } from "./prepared-engines.ts";

/**
 * The history of a new result: a point if the ratio moved enough, and the ratio from which the next move is measured.
 */
export interface NextHistory {
  readonly ratio: string | null;
  readonly point: HistoryPoint | null;
}

/**
 * Decides whether a new result gets a history point. The first result only sets the ratio to measure from, since a
 * point per account and sweep would cost more than the sweep.
 */
export function nextHistory(
  row: MarginRow | undefined,
  margin: StatedMargin,
  poolKey: string,
  { snapshot, parameters }: PreparedEngine,
): NextHistory {
  const ratio = margin.marginRatio;
  if (row === undefined) return { ratio, point: null };
  if (!hasMoved(row.historyRatio, ratio, parameters.historyTolerance)) return { ratio: row.historyRatio, point: null };
  const { snapshotId, marginBalance, initialMargin, maintenanceMargin, poolCurrency } = margin;
  return {
    ratio,
    point: {
      poolKey,
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

/**
 * Whether the ratio moved by more than the tolerance. It also moved if it starts or ceases to exist, as the balance
 * passes zero.
 */
function hasMoved(last: string | null, now: string | null, tolerance: number): boolean {
  if (last === null || now === null) return last !== now;
  return Math.abs(toNumber(now) - toNumber(last)) > tolerance;
}
