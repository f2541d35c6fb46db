import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  type SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { MessagingEmulator } from "../emulators/messaging.ts";
import type { QueueNode, StageGraph, TopicSubscriptionNode } from "../graph/stage-graph.ts";
import type { EmulatedResource } from "./resource.ts";

/** Thrown for a subscription that the local stage cannot deliver to. */
export class SubscriptionError extends Error {
  override readonly name = "SubscriptionError";
}

/** Protocols that the emulator delivers, or accepts and delivers to nobody, so that nobody outside is notified. */
const KNOWN_PROTOCOLS = new Set(["sqs", "email", "email-json", "http", "https", "sms"]);

/** Creates queues, or updates existing ones. Dead-letter queues are created before the queues that they serve. */
export async function ensureQueues(
  nodes: readonly QueueNode[],
  client: SQSClient,
  messaging: MessagingEmulator,
): Promise<EmulatedResource[]> {
  const created = new Map<string, EmulatedResource>();
  const plain = nodes.filter((node) => node.redrive === null);
  const redriving = nodes.filter((node) => node.redrive !== null);
  for (const group of [plain, redriving]) {
    const queues = await Promise.all(group.map((node) => ensureQueue(node, created, client, messaging)));
    for (const [index, queue] of queues.entries()) created.set(group[index]?.arn ?? "", queue);
  }
  return [...created.values()];
}

async function ensureQueue(
  node: QueueNode,
  created: ReadonlyMap<string, EmulatedResource>,
  client: SQSClient,
  messaging: MessagingEmulator,
): Promise<EmulatedResource> {
  const url = messaging.queueUrl(node.name);
  const found = messaging.counts(node.name) !== undefined;
  const attributes = {
    VisibilityTimeout: String(node.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(node.messageRetentionSeconds),
    ...(node.fifo ? { ContentBasedDeduplication: String(node.contentBasedDeduplication) } : {}),
    ...redrivePolicy(node, created, found),
  };
  if (found) {
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
  } else {
    const fifo: Record<string, string> = node.fifo ? { FifoQueue: "true" } : {};
    await client.send(new CreateQueueCommand({ QueueName: node.name, Attributes: { ...attributes, ...fifo } }));
  }
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
  );
  if (Attributes?.QueueArn === undefined) throw new Error(`The SQS emulator gives no ARN for queue ${node.name}`);
  const { logicalName, name } = node;
  return { kind: "queue", logicalName, name, url, arn: Attributes.QueueArn, streamArn: null, created: !found };
}

function redrivePolicy(
  node: QueueNode,
  created: ReadonlyMap<string, EmulatedResource>,
  found: boolean,
): Record<string, string> {
  // An empty policy removes one that the stacks no longer declare.
  if (node.redrive === null) return found ? { RedrivePolicy: "" } : {};
  const deadLetters = created.get(node.redrive.deadLetterArn);
  if (deadLetters === undefined) {
    throw new Error(
      `Queue ${node.logicalName} redrives to ${node.redrive.deadLetterArn}, which the stage graph does not declare as a queue without a redrive policy of its own`,
    );
  }
  const policy = { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: node.redrive.maxReceiveCount };
  return { RedrivePolicy: JSON.stringify(policy) };
}

/** Creates topics and their subscriptions. A subscription with other attributes is replaced. */
export async function ensureTopics(
  graph: StageGraph,
  queues: readonly EmulatedResource[],
  client: SNSClient,
): Promise<EmulatedResource[]> {
  const topics = await Promise.all(
    graph.topics.map(async (node): Promise<EmulatedResource> => {
      const { TopicArn } = await client.send(new CreateTopicCommand({ Name: node.name }));
      if (TopicArn === undefined) throw new Error(`The SNS emulator gives no ARN for topic ${node.name}`);
      const { logicalName, name } = node;
      return { kind: "topic", logicalName, name, arn: TopicArn, url: null, streamArn: null, created: true };
    }),
  );
  const topicArns = new Map(graph.topics.map((node, index) => [node.arn, topics[index]?.arn]));
  const queueArns = new Map(
    graph.queues.map((node) => [node.arn, queues.find((queue) => queue.logicalName === node.logicalName)?.arn]),
  );
  for (const subscription of graph.topicSubscriptions) {
    const topicArn = topicArns.get(subscription.topicArn);
    if (topicArn === undefined) {
      throw new SubscriptionError(
        `A subscription names the topic ${subscription.topicArn}, which stacks/ does not declare`,
      );
    }
    await ensureSubscription(
      subscription,
      topicArn,
      queueArns.get(subscription.endpoint) ?? subscription.endpoint,
      client,
    );
  }
  return topics;
}

async function ensureSubscription(
  node: TopicSubscriptionNode,
  topicArn: string,
  endpoint: string,
  client: SNSClient,
): Promise<void> {
  if (!KNOWN_PROTOCOLS.has(node.protocol)) {
    throw new SubscriptionError(
      `The subscription of ${node.topicArn} uses the protocol ${node.protocol}; the local stage knows ${[...KNOWN_PROTOCOLS].join(", ")}`,
    );
  }
  const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  const earlier = Subscriptions.find(
    (subscription) => subscription.Protocol === node.protocol && subscription.Endpoint === endpoint,
  );
  if (earlier !== undefined) await client.send(new UnsubscribeCommand({ SubscriptionArn: earlier.SubscriptionArn }));
  await client.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: node.protocol,
      Endpoint: endpoint,
      Attributes: {
        RawMessageDelivery: String(node.rawMessageDelivery),
        ...(node.filterPolicy === null ? {} : { FilterPolicy: node.filterPolicy }),
      },
    }),
  );
}
