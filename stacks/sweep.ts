import { consume, defineFunction, onTable, send } from "./functions.ts";
import { queueLink, workQueue } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";
import { ledger, ledgerLink, margin, marginLink, market, marketLink } from "./storage.ts";

const plan = planStage($app.stage);

const START_SWEEP_TIMEOUT_SECONDS = 30;
const COMPUTE_SHARD_TIMEOUT_SECONDS = 60;

/** A price that moved by more than the trigger requests a sweep here. */
export const sweepRequests = workQueue("SweepRequests", START_SWEEP_TIMEOUT_SECONDS);
export const sweepRequestsLink = queueLink("SweepRequestsQueue", sweepRequests.queue);

/** One message per shard of a sweep, or per shard in which an account changed. */
export const shardWork = workQueue("ShardWork", COMPUTE_SHARD_TIMEOUT_SECONDS);
export const shardWorkLink = queueLink("ShardWorkQueue", shardWork.queue);

const startSweep = {
  timeoutSeconds: START_SWEEP_TIMEOUT_SECONDS,
  memoryMb: 1_024,
  link: [marketLink, marginLink, shardWorkLink, stageSettings],
};
const startSweepPermissions = [
  // A snapshot too large for one item is written in chunks, in batches.
  onTable(market, "GetItem", "Query", "PutItem", "BatchWriteItem"),
  onTable(margin, "GetItem", "PutItem", "UpdateItem"),
  send(shardWork.queue),
];

export const startSweepOnSchedule = defineFunction("StartSweepOnSchedule", {
  ...startSweep,
  handler: "functions/start-sweep.onSchedule",
  permissions: startSweepPermissions,
  trigger: "schedule",
});

new sst.aws.CronV2("SweepSchedule", {
  function: startSweepOnSchedule.arn,
  schedule: plan.sweepSchedule,
  enabled: plan.schedulesEnabled,
  // The scheduled time names the sweep, so that a retried tick starts no second one. It is not used as the time of
  // prices.
  event: { scheduled_time: "<aws.scheduler.scheduled-time>" },
  retries: 3,
});

export const startSweepOnRequest = defineFunction("StartSweepOnRequest", {
  ...startSweep,
  handler: "functions/start-sweep.onRequest",
  link: [...startSweep.link, sweepRequestsLink],
  // A request that comes too soon after the last one is sent again, with a delay until the interval is over.
  permissions: [...startSweepPermissions, consume(sweepRequests.queue), send(sweepRequests.queue)],
  trigger: "queue",
});

sweepRequests.queue.subscribe(startSweepOnRequest.arn, { batch: { size: 10, partialResponses: true } });

export const computeShard = defineFunction("ComputeShard", {
  handler: "functions/compute-shard.handler",
  timeoutSeconds: COMPUTE_SHARD_TIMEOUT_SECONDS,
  // One full vCPU, as the work is arithmetic on one thread.
  memoryMb: 1_769,
  link: [ledgerLink, marketLink, marginLink, shardWorkLink, stageSettings],
  permissions: [
    onTable(ledger, "GetItem", "Query"),
    onTable(market, "GetItem", "Query"),
    onTable(
      margin,
      "GetItem",
      "BatchGetItem",
      "Query",
      "PutItem",
      "UpdateItem",
      "ConditionCheckItem",
      "BatchWriteItem",
    ),
    consume(shardWork.queue),
    // A pass that runs out of time requests another one.
    send(shardWork.queue),
  ],
  trigger: "queue",
});

shardWork.queue.subscribe(computeShard.arn, {
  batch: { size: 1, partialResponses: true },
  transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: plan.computeShardConcurrency } } },
});
