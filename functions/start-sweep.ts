import { type SweepPorts, statedTimeMs, sweepAtTick, sweepOnRequests } from "@plimsoll/app";
import {
  chain,
  countFailedRecords,
  getLink,
  logger,
  marketClock,
  openTable,
  parseBody,
  parseQueueEvent,
  processQueue,
  reportSweep,
  sendMessages,
  startMeter,
} from "@plimsoll/runtime";
import { type SweepRequest, scheduleInput, sweepRequest } from "@plimsoll/schema";
import type { SQSBatchResponse } from "aws-lambda";

/** Starts the sweep of the schedule's tick, as of its arrival. */
export const onSchedule = chain<unknown, void>(async (event, context) => {
  const tickMs = Date.parse(scheduleInput.parse(event).scheduled_time);
  const ports = sweepPorts();
  reportSweep(await sweepAtTick(tickMs, marketClock(context, tickMs)(), ports), ports);
});

/**
 * Starts at most one sweep for all requests of a batch, as of their arrival. If it fails, it counts all of them as
 * failed and throws, so that all are delivered again.
 */
export const onRequest = chain<unknown, SQSBatchResponse>(async (event, context) => {
  const requests: SweepRequest[] = [];
  const answer = await processQueue(parseQueueEvent(event), context, async (record) => {
    requests.push(parseBody(sweepRequest, record));
  });
  if (requests.length === 0) return answer;
  try {
    await sweepFor(requests, marketClock(context, statedTimeMs(requests))());
  } catch (error) {
    countFailedRecords(context, requests.length);
    throw error;
  }
  return answer;
});

async function sweepFor(requests: readonly SweepRequest[], arrivalMs: number): Promise<void> {
  const ports = sweepPorts();
  const sendSweepRequest = (request: SweepRequest, delaySeconds: number) =>
    sendMessages(getLink("SweepRequestsQueue").url, [request], { delaySeconds });
  const outcome = await sweepOnRequests(requests, arrivalMs, { ...ports, sendSweepRequest });
  if ("snapshotId" in outcome) reportSweep(outcome, ports);
  else logger.info("sweep request dealt with", { ...outcome, requests: requests.length });
}

function sweepPorts(): SweepPorts {
  const meter = startMeter();
  const { shardCount, quoteMaxAgeMs } = getLink("StageSettings");
  return {
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    shardCount,
    quoteMaxAgeMs,
    sendShardWork: (messages) => sendMessages(getLink("ShardWorkQueue").url, messages),
    nowMs: Date.now,
  };
}
