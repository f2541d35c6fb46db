import {
  chain,
  computeShard,
  errorText,
  getLink,
  logger,
  openTable,
  parseBody,
  parseQueueEvent,
  peakMemoryMb,
  processQueue,
  reportPass,
  sendMessages,
  startMeter,
} from "@plimsoll/runtime";
import { type ShardWork, shardWork, toWire } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

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
  const summary = await computeShard(work, {
    ledger: openTable("LedgerTable", meter),
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    environment: getLink("StageSettings").environment,
    attempt,
    nowMs: Date.now,
    remainingMs,
    sendShardWork: (again) => sendMessages(getLink("ShardWorkQueue").url, [again]),
  });
  const { refusals: _refusals, gaps: _gaps, heldPrices: _prices, milliseconds, ...counts } = summary;
  logger.info("shard computed", {
    ...work,
    ...toWire(counts),
    milliseconds,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
    peak_rss_mb: peakMemoryMb(),
  });
  reportPass(summary, work);
}
