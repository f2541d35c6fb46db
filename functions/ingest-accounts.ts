import {
  type AccountPorts,
  gapGraceSeconds,
  ingestAccountMessage,
  KnownInstruments,
  TouchedShards,
} from "@plimsoll/app";
import {
  chain,
  getLink,
  keepRejectedEvent,
  logger,
  MetricUnit,
  metrics,
  openTable,
  parseQueueEvent,
  processQueue,
  sendMessages,
  startMeter,
  warm,
} from "@plimsoll/runtime";
import type { SQSBatchResponse } from "aws-lambda";

/** Applies account events of the exchange, and requests new margins for the shards that they touch. */
export const handler = chain<unknown, SQSBatchResponse>(async (event, context) => {
  const meter = startMeter();
  const { shardCount } = getLink("StageSettings");
  const tables = { ledger: openTable("LedgerTable", meter), market: openTable("MarketTable", meter) };
  const ports: AccountPorts = {
    ...tables,
    shardCount,
    instruments: warm(KnownInstruments),
    nowMs: () => Date.now(),
    keepRejects: keepRejectedEvent,
    log: logger,
  };
  const touched = new TouchedShards(shardCount);
  const lacking = new Set<string>();
  const counts = { applied: 0, duplicate: 0, parked: 0, refused: 0, released: 0 };
  const answer = await processQueue(parseQueueEvent(event), context, async (record) => {
    const { messageId, body } = record;
    const sentAtMs = Number(record.attributes.SentTimestamp);
    const result = await ingestAccountMessage({ messageId, body, sentAtMs }, ports);
    counts[result.kind] += 1;
    counts.released += result.released;
    if (result.lacking !== null) lacking.add(result.lacking);
    if (result.held !== null) touched.add(result.held, sentAtMs);
  });
  const checks = [...lacking].map((account_id) => ({ schema_version: 1, account_id }));
  await sendMessages(getLink("AccountGapsQueue").url, checks, { delaySeconds: gapGraceSeconds });
  await sendMessages(getLink("ShardWorkQueue").url, await touched.requests(tables.market, Date.now()));
  logger.info("account events ingested", {
    ...counts,
    failed: answer.batchItemFailures.length,
    shards: touched.size,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("AccountEventsApplied", MetricUnit.Count, counts.applied + counts.released);
  metrics.addMetric("AccountEventsParked", MetricUnit.Count, counts.parked);
  metrics.addMetric("AccountEventsRejected", MetricUnit.Count, counts.refused);
  return answer;
});
