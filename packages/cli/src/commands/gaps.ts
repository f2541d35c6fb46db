import { bookIdOf, type Severity } from "@plimsoll/risk";
import { gapsOf, isUnknown, type MarginGap } from "@plimsoll/schema";
import { findNewestCompletedSweep, loadBlock, type Table } from "@plimsoll/store";
import { CommandError } from "../errors.ts";
import { paintSeverity } from "../output/severity-style.ts";
import { printFound } from "../output/shown.ts";
import { table } from "../output/table.ts";
import type { Paint, Terminal } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";
import { findSweepItem } from "../start/margin-table.ts";

export interface GapsOptions {
  readonly table: string;
  readonly json?: true;
}

export async function listGaps(options: GapsOptions, terminal: Terminal): Promise<void> {
  const { snapshotId, gaps } = await loadGaps(openTable(options.table, "Margin"));
  const wire = { schema_version: 1, snapshot_id: snapshotId, gaps };
  printFound(terminal, { ...options, wire }, { snapshotId, gaps }, gapsText);
}

interface Gaps {
  readonly snapshotId: string;
  readonly gaps: readonly MarginGap[];
}

/** All accounts of a stage that are not margined in full, by the blocks of all shards. */
export async function loadGaps(margin: Table): Promise<Gaps> {
  const snapshotId = await findNewestCompletedSweep(margin);
  const sweep = snapshotId && (await findSweepItem(margin.client, margin.name, snapshotId));
  if (!sweep)
    throw new CommandError(`${margin.name} has no completed sweep: check its name, or wait for the first sweep`);
  const rows = [];
  for (let shard = 0; shard < sweep.shard_count; shard += 1) {
    const { block, problem } = await loadBlock(margin, shard);
    if (problem !== null) throw new CommandError(`the results of shard ${shard} cannot be read: ${problem}`);
    rows.push(...(block?.rows ?? []));
  }
  return { snapshotId: snapshotId!, gaps: gapsOf(rows) };
}

function gapsText({ snapshotId, gaps }: Gaps, paint: Paint): string {
  if (gaps.length === 0) return `  Every account is margined in full on ${snapshotId}.\n`;
  const shown = (gap: MarginGap) => (isUnknown(gap) ? paint.yellow("UNKNOWN") : paintNamed(gap.severity, paint));
  const columns = ["Account", "severity", "how", "why", "where", "value", "remedy"].map((head) => ({ head }));
  const rows = gaps.map((gap) => [
    bookIdOf(gap.account_id, gap.pool_id),
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
