import { severities } from "@plimsoll/risk";
import { type CallEvent, gapsNamed, isUnknown, type RunSummary, runSummary } from "@plimsoll/schema";
import { priceList } from "../cost/price-list.ts";
import { digestOf } from "./outputs.ts";
import { costView } from "./progress-state.ts";
import type { SweepReport } from "./session-events.ts";

export interface SummaryInput {
  readonly stage: string;
  readonly source: string;
  readonly scheduleSeconds: number;
  readonly report: SweepReport;
  /** All committed events, by account and sequence. */
  readonly committed: readonly CallEvent[];
  /** The calls that came through the operators' topic. */
  readonly received: readonly CallEvent[];
}

/** Returns the object that sums up one sweep. Throws a `ZodError` when it breaks its own contract. */
export function summarise({ stage, source, scheduleSeconds, report, committed, received }: SummaryInput): RunSummary {
  const cost = costView(report.usage, report.accounts, scheduleSeconds);
  const unknown = report.gaps.filter(isUnknown).length;
  const normal = report.severities.get("NORMAL") ?? 0;
  return runSummary.parse({
    schema_version: 1,
    stage,
    market: {
      source,
      as_of: new Date(report.asOfMs).toISOString(),
      underlyings: report.underlyings,
      instruments: report.instruments,
    },
    sweep: {
      snapshot_id: report.snapshotId,
      parameters_version: report.parametersVersion,
      shards: report.shards,
      accounts: report.accounts,
      margined: report.margined,
      incomplete: report.gaps.filter(({ kind }) => kind !== "not_margined").length,
      not_margined: report.accounts - report.margined,
      unknown,
      gaps: report.gaps.slice(0, gapsNamed),
      duration_ms: report.durationMs,
    },
    severities: severities.map((severity) => ({ severity, accounts: report.severities.get(severity) ?? 0 })),
    calls: {
      events: committed.length,
      published: new Set(received.map(({ event_id }) => event_id)).size,
      open: report.accounts - normal - unknown,
    },
    events_digest: digestOf(committed),
    aws_cost: {
      per_sweep_usd: cost.perSweepUsd,
      per_million_accounts_usd: cost.perMillionAccountsUsd,
      read_units: report.usage.readUnits,
      write_units: report.usage.writeUnits,
      price_list_date: priceList.date,
    },
    timings: report.timings,
  } satisfies RunSummary);
}
