import { poolKeyOf, type Severity, severityRank } from "@plimsoll/risk";
import * as z from "zod";
import { severity } from "./call-event.ts";
import { notMarginedCode } from "./incomplete.ts";
import type { MarginRow } from "./margin-row.ts";
import { accountId, poolId } from "./primitives.ts";

/** A pool that could not be margined in full, and the first reason why. */
export const marginGap = z.strictObject({
  account_id: accountId,
  pool_id: poolId,
  severity,
  /**
   * `not_margined`: there are no figures. `incomplete`: some worth is in doubt and counts at its worst. `noted`:
   * something counts for less by the rules, without doubt.
   */
  kind: z.enum(["not_margined", "incomplete", "noted"]),
  code: notMarginedCode,
  field: z.string(),
  value: z.string(),
  remedy: z.string(),
  holdings: z.int().min(0),
});
export type MarginGap = z.infer<typeof marginGap>;

/** Returns the gap of a result, or null if everything was margined in full. */
export function gapOf(row: MarginRow): MarginGap | null {
  const { accountId: account_id, poolId: pool_id, severity: kept } = row;
  const base = { account_id, pool_id, severity: kept };
  if (row.status === "not_margined") {
    const { code, field, value, remedy } = row;
    return { ...base, kind: "not_margined", code, field, value, remedy, holdings: 0 };
  }
  const { incomplete } = row.margin;
  const [reason] = incomplete?.reasons ?? [];
  if (incomplete === undefined || reason === undefined) return null;
  const { code, field, value, remedy } = reason;
  const kind = incomplete.inDoubt > 0 ? "incomplete" : "noted";
  return { ...base, kind, code, field, value, remedy, holdings: incomplete.holdings };
}

const kinds = marginGap.shape.kind.options;

/**
 * Lists the gaps of all results: by severity, gravest first, then by kind (not margined, incomplete, noted), then by
 * name.
 */
export function gapsOf(rows: readonly MarginRow[]): MarginGap[] {
  const gaps = rows.map(gapOf).filter((gap) => gap !== null);
  return gaps.sort(
    (a, b) =>
      severityRank(b.severity) - severityRank(a.severity) ||
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      (poolKeyOf(a.account_id, a.pool_id) < poolKeyOf(b.account_id, b.pool_id) ? -1 : 1),
  );
}

/** Whether the severity NORMAL is only carried over and was not found by this result. */
export function isUnknown({ kind, severity: kept }: Pick<MarginGap, "kind" | "severity">): boolean {
  return kind !== "noted" && kept === "NORMAL";
}

/** Names the account, its pool unless it is the cross pool, and the reason: `bob (instrument expired)`. */
export function gapName({ account_id, pool_id, code }: MarginGap): string {
  return `${poolKeyOf(account_id, pool_id)} (${code.replaceAll("_", " ")})`;
}

/** Counts the results of each severity, without those that are NORMAL only because they are unknown. */
export function countSeverities(rows: readonly MarginRow[]): Map<Severity, number> {
  const counts = new Map<Severity, number>(severity.options.map((name) => [name, 0]));
  for (const row of rows) {
    const gap = gapOf(row);
    if (gap === null || !isUnknown(gap)) counts.set(row.severity, (counts.get(row.severity) ?? 0) + 1);
  }
  return counts;
}
