import { ingestQuotes, NotedUnderlyings, parseQuoteBatch, type QuoteVerdict } from "@plimsoll/app";
import {
  chain,
  getLink,
  jsonAnswer,
  logger,
  MetricUnit,
  marketClock,
  metrics,
  openTable,
  parseHttpEvent,
  sendMessages,
  startMeter,
  tryToKeepRejects,
  warm,
  withinAnswer,
} from "@plimsoll/runtime";
import { type QuoteBatchAnswer, quoteBatchAnswer } from "@plimsoll/schema";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/**
 * The HTTP status says whether anything was saved and whether to send the batch again, for clients that read nothing
 * else.
 */
const statusOf = { accepted: 200, batch_refused: 400, all_refused: 422, out_of_time: 503 } as const;

/** Handles `POST /v1/quotes`: it saves a batch and answers what was accepted and refused. */
export const handler = chain<unknown, APIGatewayProxyStructuredResultV2>(async (event, context) => {
  const { timeEpoch, body } = parseHttpEvent(event);
  const clock = marketClock(context, timeEpoch);
  const source = { origin: "quotes", received_at: new Date(clock()).toISOString() } as const;
  const batch = parseQuoteBatch(body);
  if ("refusals" in batch) {
    await tryToKeepRejects({ ...source, reference: "unknown source", body }, batch.refusals);
    return answer("batch_refused", { accepted: 0, rejected: batch.refusals, sweep_requested_for: [] });
  }
  const meter = startMeter();
  const { priceTriggerBps, quoteMaxAgeMs } = getLink("StageSettings");
  const { verdict, accepted, refusals, sweepRequestedFor } = await ingestQuotes(batch, {
    market: openTable("MarketTable", meter),
    priceTriggerBps,
    quoteMaxAgeMs,
    sendSweepRequest: (request) => sendMessages(getLink("SweepRequestsQueue").url, [request]),
    clock,
    nowMs: Date.now,
    noted: warm(NotedUnderlyings),
    remainingMs: () => context.getRemainingTimeInMillis(),
    onTrouble: (problem, error) => logger.error(problem, { source: batch.source, error }),
  });
  logger.info("quotes ingested", {
    source: batch.source,
    observed_at: batch.observed_at,
    accepted,
    rejected: refusals.length,
    sweep_requested_for: sweepRequestedFor,
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  const rejected = withinAnswer(refusals);
  await tryToKeepRejects({ ...source, reference: batch.source }, rejected);
  return answer(verdict, { accepted, rejected, sweep_requested_for: sweepRequestedFor });
});

function answer(verdict: QuoteVerdict, told: QuoteBatchAnswer) {
  metrics.addMetric("QuotesAccepted", MetricUnit.Count, told.accepted);
  metrics.addMetric("QuotesRejected", MetricUnit.Count, told.rejected.length);
  return jsonAnswer(statusOf[verdict], quoteBatchAnswer.parse(told));
}
