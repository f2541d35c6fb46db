import { defineFunction, onTable, send } from "./functions.ts";
import { keepingQueue } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";
import { margin, notify, notifyLink } from "./storage.ts";

const plan = planStage($app.stage);

/** Attempts at a failing batch, halved each time, before its place in the stream goes to the dead letters. */
const PUBLISH_ATTEMPTS = 25;

/** Every call event of the stage, for those who run it. */
const operatorCalls = new sst.aws.SnsTopic("OperatorCalls");
const operatorCallsLink = new sst.Linkable("OperatorCallsTopic", { properties: { arn: operatorCalls.arn } });

/** An account's own topic is made at its first subscription; its name starts with this. */
const accountTopicPrefix = $interpolate`arn:${aws.getPartitionOutput().partition}:sns:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:${$app.name}-${$app.stage}-account-`;
const accountTopicsLink = new sst.Linkable("AccountTopics", { properties: { arnPrefix: accountTopicPrefix } });

/** The places in the stream of call events that could not be published. */
export const callEventsDeadLetters = keepingQueue("CallEventsDeadLetters");

export const publishCalls = defineFunction("PublishCalls", {
  handler: "functions/publish-calls.handler",
  timeoutSeconds: 30,
  memoryMb: 512,
  link: [operatorCallsLink, accountTopicsLink, notifyLink, stageSettings],
  permissions: [
    onTable(notify, "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
    { actions: ["sns:Publish"], resources: [operatorCalls.arn, $interpolate`${accountTopicPrefix}*`] },
    {
      actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
      resources: [margin.nodes.table.streamArn],
    },
    send(callEventsDeadLetters),
  ],
  trigger: "stream",
});

margin.subscribe("PublishCalls", publishCalls.arn, {
  filters: [{ eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: [{ prefix: "EVENT#" }] } } } }],
  transform: {
    eventSourceMapping: {
      // SST's default, LATEST, would skip what is committed before the mapping is up.
      startingPosition: "TRIM_HORIZON",
      batchSize: 25,
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: PUBLISH_ATTEMPTS,
      destinationConfig: { onFailure: { destinationArn: callEventsDeadLetters.arn } },
    },
  },
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
