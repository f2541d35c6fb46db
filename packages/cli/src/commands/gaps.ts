import { loadGaps, type StageGaps } from "@plimsoll/app";
import { InputError } from "@plimsoll/files/input-error";
import { poolKeyOf, type Severity } from "@plimsoll/risk";
import { isUnknown, type MarginGap } from "@plimsoll/schema";
import { paintSeverity } from "../output/severity-style.ts";
import { table } from "../output/table.ts";
import type { Paint, Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";

export interface GapsOptions {
  readonly table: string;
  readonly json?: true;
}

/** Prints the accounts of a stage that are not margined in full. */
export async function listGaps(options: GapsOptions, terminal: Terminal): Promise<void> {
  const found = await loadGaps(openTable(options.table, "Margin"));
  if (found === undefined) {
    throw new InputError(`${options.table} has no completed sweep: check its name, or wait for the first sweep`);
  }
  const { snapshotId, gaps, unreadable } = found;
  const [problem] = unreadable;
  if (problem !== undefined) throw new InputError(problem);
  const wire = { schema_version: 1, snapshot_id: snapshotId, gaps };
  printFound(terminal, { ...options, wire }, { snapshotId, gaps }, gapsText);
}

function gapsText({ snapshotId, gaps }: Omit<StageGaps, "unreadable">, paint: Paint): string {
  if (gaps.length === 0) return `  Every account is margined in full on ${snapshotId}.\n`;
  const shown = (gap: MarginGap) => (isUnknown(gap) ? paint.yellow("UNKNOWN") : paintNamed(gap.severity, paint));
  const columns = ["Account", "severity", "how", "why", "where", "value", "remedy"].map((head) => ({ head }));
  const rows = gaps.map((gap) => [
    poolKeyOf(gap.account_id, gap.pool_id),
    shown(gap),
    gap.kind.replace("_", " "),
    gap.code.replaceAll("_", " "),
    gap.field,
    gap.value,
    gap.remedy,
  ]);
  return `${table(columns, rows, paint)}\n  ${gaps.length} on ${snapshotId}\n`;
}

function paintNamed(severity: Severity, paint: Paint): string {
  return paintSeverity(severity, severity, paint);
}
