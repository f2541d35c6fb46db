import { defineFunction, onTable } from "./functions.ts";
import { keepingQueue } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";
import { margin, marginLink, notify, notifyLink } from "./storage.ts";

const plan = planStage($app.stage);

/**
 * Attempts at a batch for which the function fails as a whole; each splits the batch in half. After that the stream
 * skips it. Its events are in the margin table, marked as unpublished, and the republisher publishes them, so no
 * failure destination is needed.
 */
const PUBLISH_RETRIES = 3;

/** The topic with every call event of the stage, for its operators. */
export const operatorCalls = new sst.aws.SnsTopic("OperatorCalls");
const operatorCallsLink = new sst.Linkable("OperatorCallsTopic", { properties: { arn: operatorCalls.arn } });

/** An account's own topic is created at its first subscription. Its name starts with this prefix. */
const accountTopicPrefix = $interpolate`arn:${aws.getPartitionOutput().partition}:sns:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:${$app.name}-${$app.stage}-account-`;
const accountTopicsLink = new sst.Linkable("AccountTopics", { properties: { arnPrefix: accountTopicPrefix } });

const publisher = {
  memoryMb: 512,
  link: [operatorCallsLink, accountTopicsLink, marginLink, notifyLink, stageSettings],
};
const publisherPermissions = [
  // It reads events and their marks, deletes marks in batches, and changes the mark of a refused event.
  onTable(margin, "BatchGetItem", "Query", "BatchWriteItem", "UpdateItem"),
  onTable(notify, "BatchGetItem"),
  { actions: ["sns:Publish"], resources: [operatorCalls.arn, $interpolate`${accountTopicPrefix}*`] },
];

export const publishCalls = defineFunction("PublishCalls", {
  ...publisher,
  handler: "functions/publish-calls.handler",
  timeoutSeconds: 30,
  permissions: [
    ...publisherPermissions,
    {
      actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
      resources: [margin.nodes.table.streamArn],
    },
  ],
  trigger: "stream",
});

margin.subscribe("PublishCalls", publishCalls.arn, {
  filters: [{ eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: [{ prefix: "EVENT#" }] } } } }],
  transform: {
    eventSourceMapping: {
      // SST's default, LATEST, would skip events that are committed before the mapping is active.
      startingPosition: "TRIM_HORIZON",
      batchSize: 100,
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: PUBLISH_RETRIES,
    },
  },
});

/** Publishes the events that the stream's function did not. Each run tries all of them while SNS accepts them. */
export const republishCalls = defineFunction("RepublishCalls", {
  ...publisher,
  handler: "functions/republish-calls.handler",
  // The timeout is below a minute, so that two runs never overlap.
  timeoutSeconds: 55,
  permissions: publisherPermissions,
  trigger: "schedule",
});

new sst.aws.CronV2("RepublishSchedule", {
  function: republishCalls.arn,
  // It runs as often as sweeps, which produce the calls.
  schedule: plan.sweepSchedule,
  enabled: plan.schedulesEnabled,
  event: { scheduled_time: "<aws.scheduler.scheduled-time>" },
  retries: 3,
});

if (plan.kind !== "production") sinkCalls();

/** Sends the calls of a stage that is not production to a queue of the stage, so that nobody outside receives them. */
function sinkCalls() {
  const sink = keepingQueue("CallSink");
  new aws.sqs.QueuePolicy("CallSinkPolicy", {
    queueUrl: sink.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sqs:SendMessage"],
          resources: [sink.arn],
          principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
          conditions: [
            {
              test: "ArnLike",
              variable: "aws:SourceArn",
              values: [operatorCalls.arn, $interpolate`${accountTopicPrefix}*`],
            },
          ],
        },
      ],
    }).json,
  });
  new aws.sns.TopicSubscription("CallSinkSubscription", {
    topic: operatorCalls.arn,
    protocol: "sqs",
    endpoint: sink.arn,
    rawMessageDelivery: true,
  });
}
