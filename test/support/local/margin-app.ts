import type { StageGraph } from "@plimsoll/local";
import { eventSourceNode, graphOf, queueNode, tableNode, type Workshop } from "./stage.ts";

/** The number of shards that one tick of the small app plans. */
export const SHARDS = 6;

/** Returns a small app of the shape of ours: schedule, queue, transaction, stream, topic and sink. */
export function marginApp(workshop: Workshop): StageGraph {
  const margin = tableNode("Margin");
  const work = queueNode("ShardWork", { visibilityTimeoutSeconds: 600 });
  const sink = queueNode("CallSink");
  const calls = {
    logicalName: "Calls",
    name: "test-CallsTopic",
    arn: "arn:aws:sns:eu-central-1:111122223333:test-CallsTopic",
  };
  const link = (name: string, value: object) => ({ [`SST_RESOURCE_${name}`]: JSON.stringify(value) });
  return graphOf({
    tables: [margin],
    queues: [work, sink],
    topics: [calls],
    topicSubscriptions: [
      { topicArn: calls.arn, protocol: "sqs", endpoint: sink.arn, rawMessageDelivery: true, filterPolicy: null },
    ],
    functions: [
      workshop.functionNode("Plan", "planShards", { timeoutSeconds: 60 }, link("ShardWork", { url: work.url })),
      workshop.functionNode(
        "Compute",
        "computeShard",
        { timeoutSeconds: 60 },
        link("MarginTable", { name: margin.name }),
      ),
      workshop.functionNode("Publish", "publishEvents", { timeoutSeconds: 60 }, link("CallsTopic", { arn: calls.arn })),
    ],
    eventSources: [
      eventSourceNode("Compute", work.arn, { batchSize: 1 }),
      eventSourceNode("Publish", margin.streamArn ?? "", {
        batchSize: 25,
        startingPosition: "TRIM_HORIZON",
        filterPatterns: ['{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"EVENT#"}]}}}}'],
      }),
    ],
    schedules: [
      {
        logicalName: "Sweep",
        name: "test-Sweep",
        expression: "rate(1 minute)",
        functionName: "Plan",
        input: JSON.stringify({ shards: SHARDS, at: "<aws.scheduler.scheduled-time>" }),
        enabled: true,
        maximumRetryAttempts: 0,
      },
    ],
  });
}
