import {
  chain,
  computeShard,
  getLink,
  logger,
  MetricUnit,
  metrics,
  openTable,
  parseBody,
  parseQueueEvent,
  peakMemoryMb,
  processQueue,
  startMeter,
} from "@plimsoll/runtime";
import { type ShardWork, shardWork, toWire } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

/** Accounts without figures, or not in full, that one log line names; `plimsoll gaps` lists all. */
const namesShown = 10;

/** Margins the shards that its messages name; see `computeShard`. */
export const handler = chain<unknown, SQSBatchResponse>((event, context) =>
  processQueue(parseQueueEvent(event), context, async (record) => {
    await compute(parseBody(shardWork, record), `${context.awsRequestId}/${record.messageId}`);
  }),
);

async function compute(work: ShardWork, attempt: string): Promise<void> {
  const meter = startMeter();
  const { refusals, gaps, milliseconds, ...summary } = await computeShard(work, {
    ledger: openTable("LedgerTable", meter),
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    environment: getLink("StageSettings").environment,
    attempt,
    nowMs: Date.now,
  });
  logger.info("shard computed", {
    ...work,
    ...toWire(summary),
    milliseconds,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
    peak_rss_mb: peakMemoryMb(),
  });
  warnOf("accounts not margined", refusals, work);
  warnOf("accounts not margined in full", gaps, work);
  metrics.addMetric("ShardsSuperseded", MetricUnit.Count, summary.outcome === "superseded" ? 1 : 0);
  metrics.addMetric("AccountsMargined", MetricUnit.Count, summary.margined);
  metrics.addMetric("AccountsNotMargined", MetricUnit.Count, summary.notMargined);
  metrics.addMetric("AccountsIncomplete", MetricUnit.Count, summary.incomplete);
  metrics.addMetric("CallEvents", MetricUnit.Count, summary.transitions);
  if (summary.sweepDurationMs !== null) {
    metrics.addMetric("SweepDuration", MetricUnit.Milliseconds, summary.sweepDurationMs);
  }
}

function warnOf(message: string, accounts: readonly string[], { snapshot_id }: ShardWork): void {
  if (accounts.length === 0) return;
  logger.warn(message, { accounts: accounts.length, examples: accounts.slice(0, namesShown), snapshot_id });
}
