import { requestState, requestStates } from "@plimsoll/app";
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
  publishStateRequest,
  startMeter,
} from "@plimsoll/runtime";
import { accountGapCheck } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

/** The function checks no further gap once this many milliseconds are left. */
const reserveMs = 5_000;

function ports() {
  const { shardCount, environment } = getLink("StageSettings");
  const ledger = openTable("LedgerTable", startMeter());
  return { ledger, shardCount, environment, nowMs: () => Date.now(), publish: publishStateRequest, log: logger };
}

/** Asks the exchange for the state of an account whose gap is still open some seconds after it was noticed. */
export const onGap = chain<unknown, SQSBatchResponse>((event, context) =>
  processQueue(parseQueueEvent(event), context, async (record) => {
    const { account_id } = parseBody(accountGapCheck, record);
    if (await requestState(account_id, ports())) logger.info("account_state requested", { account_id });
  }),
);

/** Counts the gaps of all accounts, and repeats requests that were not answered. */
export const onSchedule = chain<unknown, void>(async (_event, context) => {
  const summary = await requestStates(ports(), () => context.getRemainingTimeInMillis() > reserveMs);
  logger.info("account gaps looked after", { ...summary });
  metrics.addMetric("AccountEventGaps", MetricUnit.Count, summary.gaps);
  metrics.addMetric("AccountEventsWaiting", MetricUnit.Count, summary.waiting);
  metrics.addMetric("AccountGapAgeSeconds", MetricUnit.Seconds, summary.oldestAgeMs / 1_000);
});
