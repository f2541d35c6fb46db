import { bookIdOf, type Severity, severityRank } from "@plimsoll/risk";
import * as z from "zod";
import { severity } from "./call-event.ts";
import { notMarginedCode } from "./incomplete.ts";
import type { MarginRow } from "./margin-row.ts";
import { accountId, poolId } from "./primitives.ts";

/** A pool of an account that is not margined in full, and the first reason why. */
export const marginGap = z.strictObject({
  account_id: accountId,
  pool_id: poolId,
  severity,
  /** `not_margined`: without figures. `incomplete`: what leaves its worth open is counted at its worst. `noted`: by the rules. */
  kind: z.enum(["not_margined", "incomplete", "noted"]),
  code: notMarginedCode,
  field: z.string(),
  value: z.string(),
  remedy: z.string(),
  holdings: z.int().min(0),
});
export type MarginGap = z.infer<typeof marginGap>;

/** What of a result is not in full; null when all of it is. */
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

/** All that is not in full: by severity, then without figures before incomplete before noted, then by name. */
export function gapsOf(rows: readonly MarginRow[]): MarginGap[] {
  const gaps = rows.map(gapOf).filter((gap) => gap !== null);
  return gaps.sort(
    (a, b) =>
      severityRank(b.severity) - severityRank(a.severity) ||
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      (bookIdOf(a.account_id, a.pool_id) < bookIdOf(b.account_id, b.pool_id) ? -1 : 1),
  );
}

/** Whether NORMAL is no finding of this result but only what was there before. */
export function isUnknown({ kind, severity: kept }: Pick<MarginGap, "kind" | "severity">): boolean {
  return kind !== "noted" && kept === "NORMAL";
}

/** The account, with its pool where it is not the cross pool, and why: `bob (instrument expired)`. */
export function gapName({ account_id, pool_id, code }: MarginGap): string {
  return `${bookIdOf(account_id, pool_id)} (${code.replaceAll("_", " ")})`;
}

/** How many accounts are at each severity, without those that are NORMAL for want of knowledge. */
export function countSeverities(rows: readonly MarginRow[]): Map<Severity, number> {
  const counts = new Map<Severity, number>(severity.options.map((name) => [name, 0]));
  for (const row of rows) {
    const gap = gapOf(row);
    if (gap === null || !isUnknown(gap)) counts.set(row.severity, (counts.get(row.severity) ?? 0) + 1);
  }
  return counts;
}
