import type { ShardSummary } from "@plimsoll/app";
import type { ShardWork } from "@plimsoll/schema";
import { reportPrices } from "./price-metrics.ts";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Most accounts that one log line names. `plimsoll gaps` lists all of them. */
const namesShown = 10;

/**
 * Reports a pass over a shard: its counts and the ages of its prices as metrics, and the accounts without full figures
 * in the log.
 */
export function reportPass(summary: ShardSummary, work: ShardWork): void {
  warnOf("accounts not margined", summary.refusals, work);
  warnOf("accounts not margined in full", summary.gaps, work);
  metrics.addMetric("ShardsSuperseded", MetricUnit.Count, summary.outcome === "superseded" ? 1 : 0);
  metrics.addMetric("AccountsMargined", MetricUnit.Count, summary.margined);
  metrics.addMetric("AccountsNotMargined", MetricUnit.Count, summary.notMargined);
  metrics.addMetric("AccountsUnreached", MetricUnit.Count, summary.unreached);
  metrics.addMetric("AccountsIncomplete", MetricUnit.Count, summary.incomplete);
  metrics.addMetric("CallEvents", MetricUnit.Count, summary.changes);
  if (summary.outcome !== "superseded") reportPrices(summary.heldPrices);
  if (summary.sweepDurationMs !== null) {
    metrics.addMetric("SweepDuration", MetricUnit.Milliseconds, summary.sweepDurationMs);
  }
}

function warnOf(message: string, accounts: readonly string[], { snapshot_id }: ShardWork): void {
  if (accounts.length === 0) return;
  logger.warn(message, { accounts: accounts.length, examples: accounts.slice(0, namesShown), snapshot_id });
}
