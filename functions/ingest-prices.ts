import {
  chain,
  getLink,
  ingestQuotes,
  jsonAnswer,
  keepRejects,
  logger,
  MetricUnit,
  metrics,
  openTable,
  parseHttpEvent,
  refusalsOf,
  sendMessages,
  shownValue,
  startMeter,
} from "@plimsoll/runtime";
import { type QuoteBatch, quoteBatch, quoteBatchAnswer, type Refusal } from "@plimsoll/schema";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** `POST /v1/quotes`: 200 with what was accepted and refused, 400 where the batch itself does not parse. */
export const handler = chain<unknown, APIGatewayProxyStructuredResultV2>(async (event) => {
  const { receivedAtMs, body } = parseHttpEvent(event);
  const batch = parseBatch(body);
  const source = { origin: "quotes", received_at: new Date(receivedAtMs).toISOString() } as const;
  if ("refusals" in batch) {
    await keepRejects({ ...source, reference: "unknown source", body }, batch.refusals);
    metrics.addMetric("QuotesRejected", MetricUnit.Count, batch.refusals.length);
    return jsonAnswer(400, quoteBatchAnswer.parse({ accepted: 0, rejected: batch.refusals, sweep_requested_for: [] }));
  }
  const meter = startMeter();
  const { accepted, refusals, sweepRequestedFor } = await ingestQuotes(batch, receivedAtMs, {
    market: openTable("MarketTable", meter),
    priceTriggerBps: getLink("StageSettings").priceTriggerBps,
    sendSweepRequest: (request) => sendMessages(getLink("SweepRequestsQueue").url, [request]),
  });
  await keepRejects({ ...source, reference: batch.source }, refusals);
  logger.info("quotes ingested", {
    source: batch.source,
    observed_at: batch.observed_at,
    accepted,
    rejected: refusals.length,
    sweep_requested_for: sweepRequestedFor,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("QuotesAccepted", MetricUnit.Count, accepted);
  metrics.addMetric("QuotesRejected", MetricUnit.Count, refusals.length);
  return jsonAnswer(
    200,
    quoteBatchAnswer.parse({ accepted, rejected: refusals, sweep_requested_for: sweepRequestedFor }),
  );
});

function parseBatch(body: string): QuoteBatch | { readonly refusals: readonly Refusal[] } {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    return { refusals: [{ path: "$", value: shownValue(body), problem: "a JSON text" }] };
  }
  const parsed = quoteBatch.safeParse(input);
  return parsed.success ? parsed.data : { refusals: refusalsOf(parsed.error, input) };
}
