import {
  chain,
  getLink,
  ingestAccountEvent,
  inLedgerOrder,
  keepRejects,
  logger,
  MetricUnit,
  metrics,
  openTable,
  parseAccountEvent,
  parseQueueEvent,
  processQueue,
  sendMessages,
  startMeter,
  TouchedShards,
} from "@plimsoll/runtime";
import type { Refusal } from "@plimsoll/schema";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

/** Applies the exchange's account events and has the shards they touch margined again. */
export const handler = chain<unknown, SQSBatchResponse>(async (event, context) => {
  const meter = startMeter();
  const { shardCount } = getLink("StageSettings");
  const ports = { ledger: openTable("LedgerTable", meter), market: openTable("MarketTable", meter), shardCount };
  const touched = new TouchedShards(shardCount);
  const counts = { applied: 0, duplicate: 0, refused: 0 };
  const { Records } = parseQueueEvent(event);
  const answer = await processQueue({ Records: inLedgerOrder(Records) }, context, async (record) => {
    const parsed = parseAccountEvent(record.body);
    const outcome = parsed.event === null ? parsed : await ingestAccountEvent(parsed.event, ports);
    counts[outcome.kind] += 1;
    if (outcome.kind === "refused") await keepRejected(record, outcome.refusals);
    // A repeat may be of a message whose request for its shard was lost.
    else if (parsed.event !== null) touched.add(parsed.event);
  });
  await sendMessages(getLink("ShardWorkQueue").url, await touched.requests(ports.market, Date.now()));
  logger.info("account events ingested", {
    ...counts,
    failed: answer.batchItemFailures.length,
    shards: touched.size,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("AccountEventsApplied", MetricUnit.Count, counts.applied);
  metrics.addMetric("AccountEventsRejected", MetricUnit.Count, counts.refused);
  return answer;
});

async function keepRejected(record: SQSRecord, refusals: readonly Refusal[]): Promise<void> {
  const receivedAt = new Date(Number(record.attributes.SentTimestamp)).toISOString();
  const source = { origin: "account_events", received_at: receivedAt, reference: record.messageId } as const;
  await keepRejects({ ...source, body: record.body }, refusals);
}
