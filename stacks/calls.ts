import { defineFunction, onTable } from "./functions.ts";
import { keepingQueue } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";
import { margin, marginLink, notify, notifyLink } from "./storage.ts";

const plan = planStage($app.stage);

/**
 * Tries at a batch that the function fails over as a whole, halved each time. Beyond them the stream goes on without it: its
 * events are in the margin table, marked as unpublished, and the republisher takes them. So nothing needs a destination for
 * what the stream gives up.
 */
const PUBLISH_RETRIES = 3;

/** Every call event of the stage, for those who run it. */
export const operatorCalls = new sst.aws.SnsTopic("OperatorCalls");
const operatorCallsLink = new sst.Linkable("OperatorCallsTopic", { properties: { arn: operatorCalls.arn } });

/** An account's own topic is made at its first subscription; its name starts with this. */
const accountTopicPrefix = $interpolate`arn:${aws.getPartitionOutput().partition}:sns:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:${$app.name}-${$app.stage}-account-`;
const accountTopicsLink = new sst.Linkable("AccountTopics", { properties: { arnPrefix: accountTopicPrefix } });

const publisher = {
  memoryMb: 512,
  link: [operatorCallsLink, accountTopicsLink, marginLink, notifyLink, stageSettings],
};
const publisherPermissions = [
  // Events and their marks; marks are deleted in batches, and changed where an event is refused.
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
      // SST's default, LATEST, would skip what is committed before the mapping is up.
      startingPosition: "TRIM_HORIZON",
      batchSize: 100,
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: PUBLISH_RETRIES,
    },
  },
});

/** Publishes what the stream left: at each run all of it, for as long as SNS takes it. */
export const republishCalls = defineFunction("RepublishCalls", {
  ...publisher,
  handler: "functions/republish-calls.handler",
  // Below a minute, so that two runs never overlap.
  timeoutSeconds: 55,
  permissions: publisherPermissions,
  trigger: "schedule",
});

new sst.aws.CronV2("RepublishSchedule", {
  function: republishCalls.arn,
  // As often as sweeps make calls.
  schedule: plan.sweepSchedule,
  enabled: plan.schedulesEnabled,
  event: { scheduled_time: "<aws.scheduler.scheduled-time>" },
  retries: 3,
});

if (plan.kind !== "production") sinkCalls();

/** Calls of a stage that is not production end in its own queue: no one outside can be subscribed by the stacks. */
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
