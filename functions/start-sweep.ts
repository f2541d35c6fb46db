import {
  chain,
  getLink,
  logger,
  MetricUnit,
  metrics,
  openTable,
  parseBody,
  parseQueueEvent,
  processQueue,
  sendMessages,
  startMeter,
  startSweep,
} from "@plimsoll/runtime";
import { scheduleInput, sweepRequest, toWire } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

/** A sweep as of the schedule's tick. */
export const onSchedule = chain<unknown, void>(async (event) => {
  await sweep(Date.parse(scheduleInput.parse(event).scheduled_time));
});

/** One sweep for all requests of a batch, as of the newest. */
export const onRequest = chain<unknown, SQSBatchResponse>(async (event, context) => {
  let newestMs = Number.NEGATIVE_INFINITY;
  const queueEvent = parseQueueEvent(event);
  const answer = await processQueue(queueEvent, context, async (record) => {
    newestMs = Math.max(newestMs, Date.parse(parseBody(sweepRequest, record).requested_at));
  });
  // A sweep that fails throws, and all its requests come again.
  if (Number.isFinite(newestMs)) await sweep(newestMs);
  return answer;
});

async function sweep(asOfMs: number): Promise<void> {
  const meter = startMeter();
  const { shardCount, quoteMaxAgeMs } = getLink("StageSettings");
  const summary = await startSweep(asOfMs, {
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    shardCount,
    quoteMaxAgeMs,
    sendShardWork: (messages) => sendMessages(getLink("ShardWorkQueue").url, messages),
    nowMs: Date.now,
  });
  const { unreadableQuotes, ...facts } = summary;
  logger.info("sweep requested", {
    ...toWire(facts),
    as_of: new Date(asOfMs).toISOString(),
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  for (const problem of unreadableQuotes) logger.error("quote unreadable", { problem });
  metrics.addMetric("SweepsStarted", MetricUnit.Count, summary.outcome === "started" ? 1 : 0);
  if (summary.sweepAgeMs !== null) metrics.addMetric("SweepAgeSeconds", MetricUnit.Seconds, summary.sweepAgeMs / 1_000);
}
