import {
  chain,
  gapGraceSeconds,
  getLink,
  ingestAccountEvent,
  keepRejects,
  logger,
  MetricUnit,
  metrics,
  noteRefused,
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
  const tables = { ledger: openTable("LedgerTable", meter), market: openTable("MarketTable", meter) };
  const ports = { ...tables, shardCount, nowMs: () => Date.now() };
  const touched = new TouchedShards(shardCount);
  /** Accounts that lack something about which the exchange is yet to be asked. */
  const lacking = new Set<string>();
  const counts = { applied: 0, duplicate: 0, parked: 0, refused: 0 };
  let released = 0;
  const answer = await processQueue(parseQueueEvent(event), context, async (record) => {
    const parsed = parseAccountEvent(record.body);
    if (parsed.event === null) {
      await keepRejected(record, parsed.refusals);
      counts.refused += 1;
      if (parsed.claim && (await noteRefused(parsed.claim, parsed.refusals, ports)))
        lacking.add(parsed.claim.account_id);
      return;
    }
    const { outcome, ...result } = await ingestAccountEvent(parsed.event, ports);
    if (outcome.kind === "refused") await keepRejected(record, outcome.refusals);
    counts[outcome.kind] += 1;
    released += result.released;
    if (result.opened !== null) lacking.add(parsed.event.account_id);
    // A repeat may be of a message whose request for its shard was lost.
    const isHeld = outcome.kind === "applied" || outcome.kind === "duplicate";
    if (isHeld) touched.add(parsed.event, Number(record.attributes.SentTimestamp));
  });
  const checks = [...lacking].map((account_id) => ({ schema_version: 1, account_id }));
  await sendMessages(getLink("AccountGapsQueue").url, checks, { delaySeconds: gapGraceSeconds });
  await sendMessages(getLink("ShardWorkQueue").url, await touched.requests(tables.market));
  logger.info("account events ingested", {
    ...counts,
    released,
    failed: answer.batchItemFailures.length,
    shards: touched.size,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("AccountEventsApplied", MetricUnit.Count, counts.applied + released);
  metrics.addMetric("AccountEventsParked", MetricUnit.Count, counts.parked);
  metrics.addMetric("AccountEventsRejected", MetricUnit.Count, counts.refused);
  return answer;
});

async function keepRejected(record: SQSRecord, refusals: readonly Refusal[]): Promise<void> {
  const receivedAt = new Date(Number(record.attributes.SentTimestamp)).toISOString();
  const source = { origin: "account_events", received_at: receivedAt, reference: record.messageId } as const;
  await keepRejects({ ...source, body: record.body }, refusals);
}
