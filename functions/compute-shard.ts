import {
  chain,
  computeShard,
  errorText,
  getLink,
  logger,
  MetricUnit,
  metrics,
  openTable,
  parseBody,
  parseQueueEvent,
  peakMemoryMb,
  processQueue,
  reportPrices,
  sendMessages,
  startMeter,
} from "@plimsoll/runtime";
import { type ShardWork, shardWork, toWire } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

/** Accounts without figures that one log line names; the block has them all. */
const refusalsShown = 10;

/** Margins the shards that its messages name; see `computeShard`. */
export const handler = chain<unknown, SQSBatchResponse>((event, context) =>
  processQueue(parseQueueEvent(event), context, async (record) => {
    const remainingMs = () => context.getRemainingTimeInMillis();
    await compute(parseBody(shardWork, record), `${context.awsRequestId}/${record.messageId}`, remainingMs);
  }),
);

async function compute(work: ShardWork, attempt: string, remainingMs: () => number): Promise<void> {
  try {
    await computeAndReport(work, attempt, remainingMs);
  } catch (cause) {
    throw new Error(`shard ${work.shard}: ${errorText(cause)}`, { cause });
  }
}

async function computeAndReport(work: ShardWork, attempt: string, remainingMs: () => number): Promise<void> {
  const meter = startMeter();
  const { refusals, milliseconds, heldPrices, ...summary } = await computeShard(work, {
    ledger: openTable("LedgerTable", meter),
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    environment: getLink("StageSettings").environment,
    attempt,
    nowMs: Date.now,
    remainingMs,
    sendShardWork: (again) => sendMessages(getLink("ShardWorkQueue").url, [again]),
  });
  logger.info("shard computed", {
    ...work,
    ...toWire(summary),
    milliseconds,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
    peak_rss_mb: peakMemoryMb(),
  });
  if (refusals.length > 0) {
    const examples = refusals.slice(0, refusalsShown);
    logger.warn("accounts not margined", { accounts: refusals.length, examples, snapshot_id: work.snapshot_id });
  }
  metrics.addMetric("ShardsSuperseded", MetricUnit.Count, summary.outcome === "superseded" ? 1 : 0);
  metrics.addMetric("AccountsMargined", MetricUnit.Count, summary.margined);
  metrics.addMetric("AccountsNotMargined", MetricUnit.Count, summary.notMargined);
  metrics.addMetric("AccountsUnreached", MetricUnit.Count, summary.unreached);
  if (summary.outcome !== "superseded") reportPrices(heldPrices);
  metrics.addMetric("CallEvents", MetricUnit.Count, summary.transitions);
  if (summary.sweepDurationMs !== null) {
    metrics.addMetric("SweepDuration", MetricUnit.Milliseconds, summary.sweepDurationMs);
  }
}
