import { computeShard, PreparedEngines, type ShardPorts } from "@plimsoll/app";
import {
  chain,
  clockAfter,
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
  stopwatch,
  warm,
} from "@plimsoll/runtime";
import { errorText, type ShardWork, shardWork, toWire } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

/** Margins the shards named by the messages; see `computeShard`. */
export const handler = chain<unknown, SQSBatchResponse>((event, context) =>
  processQueue(parseQueueEvent(event), context, async (record) => {
    const remainingMs = () => context.getRemainingTimeInMillis();
    const attempt = `${context.awsRequestId}/${record.messageId}`;
    await compute(parseBody(shardWork, record), { attempt, remainingMs, nowMs: clockAfter(record) });
  }),
);

type Invocation = Pick<ShardPorts, "attempt" | "remainingMs" | "nowMs">;

async function compute(work: ShardWork, invocation: Invocation): Promise<void> {
  try {
    await computeAndReport(work, invocation);
  } catch (cause) {
    throw new Error(`shard ${work.shard}: ${errorText(cause)}`, { cause });
  }
}

async function computeAndReport(work: ShardWork, invocation: Invocation): Promise<void> {
  const meter = startMeter();
  const summary = await computeShard(work, {
    ledger: openTable("LedgerTable", meter),
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    environment: getLink("StageSettings").environment,
    ...invocation,
    markets: warm(PreparedEngines),
    log: logger,
    stopwatch,
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
