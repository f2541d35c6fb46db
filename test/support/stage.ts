import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import {
  type _Record,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { CreateTopicCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  MessageNotInflight,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Handler, StageSettings } from "@plimsoll/runtime";
import type { Table } from "@plimsoll/store";
import type { Context, SQSBatchResponse } from "aws-lambda";
import { createTable, emulatorServices, type Services } from "./services.ts";

/** The queues that functions consume, in the order in which an event passes them. */
export const consumedQueues = ["AccountEvents", "AccountGaps", "SweepRequests", "ShardWork"] as const;
/** A queue that a function consumes. Each has a dead-letter queue for messages that are given up. */
export type ConsumedQueue = (typeof consumedQueues)[number];

const queueNames = [
  ...consumedQueues,
  ...consumedQueues.map((name) => `${name}DeadLetters` as const),
  "Rejects",
  "Published",
  "Notices",
  "StateRequests",
  "ToldAccounts",
] as const;
export type QueueName = (typeof queueNames)[number];

/**
 * The FIFO queues, as in the stacks. The exchange's events keep their order by account; the other queues have no order.
 */
const fifoQueues: readonly string[] = ["AccountEvents", "AccountEventsDeadLetters"];

/** Tells whether a partition stays when the stage is emptied. Processes remember the list of underlyings for good. */
const isKnown = (pk: string) => pk === "UNDERLYING";

/** The most receives of a message before it is given up, as in the stacks. */
const receivesMost = 10;

const tableNames = ["Ledger", "Market", "Margin", "Notify"] as const;
export type TableName = (typeof tableNames)[number];

/** The tables that have a stream. The margin table has one in the stacks too; the checkers read the others. */
export const streamedTables = ["Margin", "Ledger", "Market"] as const;
export type StreamedTable = (typeof streamedTables)[number];

export const testSettings: StageSettings = {
  stage: "test",
  environment: "local",
  shardCount: 4,
  priceTriggerBps: 50,
  quoteMaxAgeMs: 60_000,
  rolesClaim: "plimsoll_roles",
};

/** How the messages of a queue are handed over. */
export interface Delivery {
  /** The most messages of a batch. */
  readonly batchSize?: number;
}

/**
 * The tables, queues and topic of a stage on emulators or in memory. They are linked to this process, so that the real
 * handlers run here. Start one per test file, since links and clients belong to the process.
 */
export interface TestStage {
  /**
   * The clients of the functions. The stage itself uses its own, so that faults put here affect the functions alone.
   */
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** The gateway between the functions and SNS. */
  readonly snsGateway: Services["snsGateway"];
  readonly operatorTopicArn: string;
  /** The stage's own client of SNS, which bypasses the gateway. */
  readonly ownSns: SNSClient;
  /** Returns the ARN by which topics deliver to a queue. */
  arnOf(queue: QueueName): Promise<string>;
  table(name: TableName): Table;
  send(queue: QueueName, body: unknown): Promise<void>;
  /**
   * Hands the messages of a queue to its consumer until the queue is empty or three batches in a row fail. Failed
   * messages come again. Returns how many messages succeeded.
   */
  consume(queue: QueueName, handler: Handler<unknown, SQSBatchResponse>, delivery?: Delivery): Promise<number>;
  /** Takes all messages of a queue without a consumer. */
  drain(queue: QueueName): Promise<unknown[]>;
  count(queue: QueueName): Promise<number>;
  /**
   * Receives messages of a queue. They are hidden from others until they are exposed or their visibility timeout ends.
   */
  receive(queue: QueueName, most: number): Promise<Message[]>;
  /** Deletes a message that has been processed. */
  finish(queue: QueueName, message: Message): Promise<void>;
  /** Makes a received message visible again, as the end of its visibility timeout does. */
  expose(queue: QueueName, message: Message): Promise<void>;
  /**
   * Empties tables and queues. Partitions stay for which `isKept` is true; by default those that processes remember for
   * good.
   */
  clear(isKept?: (pk: string) => boolean): Promise<void>;
  /** Returns all items of a table. */
  scan(name: TableName): Promise<Record<string, unknown>[]>;
  /**
   * Returns records of a table's stream, by default the margin table's. They begin at the start of the stream, or after
   * `after`.
   */
  readStream(after?: _Record, table?: StreamedTable): Promise<_Record[]>;
  stop(): Promise<void>;
}

let requests = 0;

/**
 * Returns a Lambda context with a request id of its own. Each call for the remaining time takes `lookCostsMs` of it.
 */
export function lambdaContext(functionName: string, remainingMs = 30_000, lookCostsMs = 0): Context {
  requests += 1;
  let leftMs = remainingMs + lookCostsMs;
  return {
    awsRequestId: `request-${requests}`,
    functionName,
    functionVersion: "1",
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${functionName}`,
    memoryLimitInMB: "1769",
    logGroupName: "",
    logStreamName: "",
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => {
      leftMs = Math.max(0, leftMs - lookCostsMs);
      return leftMs;
    },
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** Returns the context of an invocation that a local stage sends at a time of the market's clock. */
export function contextAt(functionName: string, atMs: number): Context {
  const client = { installationId: "", appTitle: "", appVersionName: "", appVersionCode: "", appPackageName: "" };
  const env = { platformVersion: "", platform: "", make: "", model: "", locale: "" };
  const clientContext = { client, env, custom: { local_time_ms: atMs } };
  return { ...lambdaContext(functionName), clientContext };
}

function link(name: string, value: unknown): void {
  process.env[`SST_RESOURCE_${name}`] = JSON.stringify(value);
}

/** Returns a queue message as Lambda hands it over. A message of a FIFO queue names its group. */
export function queueRecord(body: string, messageId = `message-${requests}`, attributes: Message["Attributes"] = {}) {
  return {
    messageId,
    receiptHandle: messageId,
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "0",
      SenderId: "sender",
      ApproximateFirstReceiveTimestamp: "0",
      ...attributes,
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:queue",
    awsRegion: "eu-west-1",
  };
}

/** Returns the message group of an account's events, which is the account's id. */
export function groupOf(body: string): string {
  const accountId = /"account_id":"([^"]+)"/.exec(body)?.[1];
  return accountId ?? "none";
}

/** Returns a stream record as Lambda hands it over, with binary values in base64. */
export function streamRecord(record: _Record) {
  const encode = (value: AttributeValue) =>
    value.B === undefined ? value : { B: Buffer.from(value.B).toString("base64") };
  const image = Object.entries(record.dynamodb?.NewImage ?? {}).map(([name, value]) => [name, encode(value)]);
  return {
    eventName: record.eventName,
    dynamodb: {
      Keys: record.dynamodb?.Keys,
      NewImage: Object.fromEntries(image),
      SequenceNumber: record.dynamodb?.SequenceNumber,
    },
  };
}

/** Starts a stage, on the emulators unless other services are given. */
export async function startTestStage(settings: StageSettings = testSettings, services?: Services): Promise<TestStage> {
  const given = services ?? (await emulatorServices());
  const { dynamodb, sqs, sns, streams, snsGateway, environment, attach, queueUrl, ...whole } = given;
  Object.assign(process.env, {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    ...environment,
    POWERTOOLS_SERVICE_NAME: "plimsoll",
    POWERTOOLS_METRICS_NAMESPACE: "Plimsoll",
    POWERTOOLS_METRICS_DISABLED: process.env.POWERTOOLS_METRICS_DISABLED ?? "true",
    POWERTOOLS_LOG_LEVEL: process.env.POWERTOOLS_LOG_LEVEL ?? "SILENT",
  });
  const { dynamodbClient, snsClient, sqsClient } = await import("@plimsoll/runtime");
  const functions = { dynamodb: dynamodbClient(), sqs: sqsClient(), sns: snsClient() };
  attach(functions);
  link("App", { name: "plimsoll", stage: settings.stage });
  link("StageSettings", settings);
  for (const name of tableNames) {
    const isStreamed = streamedTables.some((streamed) => streamed === name);
    await createTable(given, name, { isStreamed });
    link(`${name}Table`, { name });
  }
  const urls = new Map<QueueName, string>();
  for (const name of queueNames) {
    const isFifo = fifoQueues.includes(name);
    const QueueName = isFifo ? `${name}.fifo` : name;
    await sqs.send(
      new CreateQueueCommand({
        QueueName,
        ...(isFifo ? { Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" } } : {}),
      }),
    );
    const url = queueUrl(QueueName);
    urls.set(name, url);
    link(`${name}Queue`, { url });
  }
  for (const name of consumedQueues) {
    const deadLetterTargetArn = await queueArn(`${name}DeadLetters`);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: receivesMost });
    const Attributes = { RedrivePolicy, VisibilityTimeout: "360" };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: urls.get(name), Attributes }));
  }
  const { TopicArn: operatorTopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "OperatorCalls" }));
  link("OperatorCallsTopic", { arn: operatorTopicArn });
  link("AccountTopics", { arnPrefix: `${operatorTopicArn}-account-` });
  const { TopicArn: alarmTopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "OperatorAlarms" }));
  link("OperatorAlarmsTopic", { arn: alarmTopicArn });
  const { TopicArn: requestTopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "AccountStateRequests" }));
  link("AccountStateRequestsTopic", { arn: requestTopicArn });
  const sinks = [
    [requestTopicArn, "StateRequests"],
    [operatorTopicArn, "Published"],
    [alarmTopicArn, "Notices"],
  ] as const;
  for (const [TopicArn, queue] of sinks) {
    const Endpoint = await queueArn(queue);
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes: { RawMessageDelivery: "true" } }),
    );
  }

  return {
    ...functions,
    snsGateway,
    ownSns: sns,
    arnOf: queueArn,
    operatorTopicArn,
    table: (name) => ({ client: dynamodb, name, meter: { readUnits: 0, writeUnits: 0 } }),
    send: (queue, body) => send(queue, typeof body === "string" ? body : JSON.stringify(body)),
    async consume(queue, handler, delivery: Delivery = {}) {
      const { batchSize = 10 } = delivery;
      let handled = 0;
      for (let idle = 0; idle < 3; ) {
        const messages = await receive(queue, batchSize);
        if (messages.length === 0) break;
        const records = messages.map(({ Body = "", MessageId, Attributes }) =>
          queueRecord(Body, MessageId, Attributes),
        );
        const failed = await handler({ Records: records }, lambdaContext(queue)).then(
          ({ batchItemFailures }) => new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
          () => new Set(records.map(({ messageId }) => messageId)),
        );
        const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ""));
        handled += done.length;
        idle = done.length === 0 ? idle + 1 : 0;
        for (const message of messages) {
          await (failed.has(message.MessageId ?? "") ? expose(queue, message) : finish(queue, message));
        }
      }
      return handled;
    },
    async drain(queue) {
      const bodies: unknown[] = [];
      for await (const message of takeAll(queue)) bodies.push(JSON.parse(message.Body ?? ""));
      return bodies;
    },
    receive,
    finish,
    expose,
    async count(queue) {
      const answer = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: urls.get(queue), AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      return Number(answer.Attributes?.ApproximateNumberOfMessages);
    },
    async clear(isKept = isKnown) {
      requests = 0;
      if (whole.clear !== null) return whole.clear(isKept);
      for (const queue of queueNames) for await (const _ of takeAll(queue));
      for (const name of tableNames) {
        const items = (await scan(name)).filter(({ pk }) => !isKept(String(pk)));
        const requests = items.map(({ pk, sk }) => ({ DeleteRequest: { Key: marshall({ pk, sk }) } }));
        for (let start = 0; start < requests.length; start += 25) {
          const RequestItems = { [name]: requests.slice(start, start + 25) };
          await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
        }
      }
    },
    scan,
    readStream,
    stop: whole.stop,
  };

  async function queueArn(name: QueueName): Promise<string> {
    const answer = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urls.get(name), AttributeNames: ["QueueArn"] }),
    );
    return answer.Attributes?.QueueArn ?? "";
  }

  async function receive(queue: QueueName, batchSize: number): Promise<Message[]> {
    const answer = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: urls.get(queue),
        MaxNumberOfMessages: batchSize,
        MessageSystemAttributeNames: ["All"],
        WaitTimeSeconds: 0,
      }),
    );
    const messages = answer.Messages ?? [];
    if (whole.clear !== null) return messages;
    // The emulators use the real time, but this process may use a simulated one.
    const SentTimestamp = String(Date.now());
    const dates = { SentTimestamp, ApproximateFirstReceiveTimestamp: SentTimestamp };
    return messages.map((message) => ({ ...message, Attributes: { ...message.Attributes, ...dates } }));
  }

  async function* takeAll(queue: QueueName): AsyncGenerator<Message> {
    for (let messages = await receive(queue, 10); messages.length > 0; messages = await receive(queue, 10)) {
      for (const message of messages) {
        await finish(queue, message);
        yield message;
      }
    }
  }

  async function finish(queue: QueueName, { ReceiptHandle }: Message): Promise<void> {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: urls.get(queue), ReceiptHandle }));
  }

  async function expose(queue: QueueName, { ReceiptHandle }: Message): Promise<void> {
    const QueueUrl = urls.get(queue);
    try {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    } catch (error) {
      // The message was given up, since another consumer had received it meanwhile.
      if (!(error instanceof MessageNotInflight)) throw error;
    }
  }

  /** Sends a message under an id of its own, so that the queue drops no repeat. The handlers must cope with repeats. */
  async function send(queue: QueueName, MessageBody: string): Promise<void> {
    const order = fifoQueues.includes(queue)
      ? { MessageGroupId: groupOf(MessageBody), MessageDeduplicationId: randomUUID() }
      : {};
    await sqs.send(new SendMessageCommand({ QueueUrl: urls.get(queue), MessageBody, ...order }));
  }

  async function scan(name: TableName): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const answer = await dynamodb.send(
        new ScanCommand({ TableName: name, ConsistentRead: true, ExclusiveStartKey: start }),
      );
      for (const item of answer.Items ?? []) items.push(unmarshall(item));
      start = answer.LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  }

  async function readStream(after?: _Record, TableName: StreamedTable = "Margin"): Promise<_Record[]> {
    const described = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const StreamArn = described.Table?.LatestStreamArn;
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const records: _Record[] = [];
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      const { ShardIterator } = await streams.send(
        new GetShardIteratorCommand({
          StreamArn,
          ShardId,
          ...(after === undefined
            ? { ShardIteratorType: "TRIM_HORIZON" }
            : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: after.dynamodb?.SequenceNumber }),
        }),
      );
      let next = ShardIterator;
      while (next !== undefined) {
        const answer = await streams.send(new GetRecordsCommand({ ShardIterator: next }));
        if ((answer.Records ?? []).length === 0) break;
        records.push(...(answer.Records ?? []));
        next = answer.NextShardIterator;
      }
    }
    return records;
  }
}
