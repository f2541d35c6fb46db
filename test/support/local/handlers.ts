import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyEventV2, Context, DynamoDBStreamEvent, SQSEvent } from "aws-lambda";

// Handlers for the local stage's tests. They are bundled like the app's and learn their resources from the environment
// only. The events tell them what to do. They note what they did in the file TRACE_FILE, which outlives a kill.

function note(line: string): void {
  appendFileSync(process.env.TRACE_FILE ?? "", `${line}\n`);
}

function linked(name: string): Record<string, string> {
  return JSON.parse(process.env[`SST_RESOURCE_${name}`] ?? "{}");
}

export async function echo(event: unknown, context: Context) {
  return {
    event,
    pid: process.pid,
    environment: process.env,
    remainingMs: context.getRemainingTimeInMillis(),
    functionName: context.functionName,
    timezoneOffset: new Date(2026, 6, 1).getTimezoneOffset(),
  };
}

/** Returns the market's time as the stage gives it. */
export async function tellTime(_event: unknown, context: Context): Promise<number | null> {
  return context.clientContext?.custom?.local_time_ms ?? null;
}

export async function misbehave(event: { action: string; milliseconds?: number; megabytes?: number }) {
  switch (event.action) {
    case "throw":
      throw new RangeError("refused on purpose");
    case "exit":
      process.exit(3);
      break;
    case "hang":
      // Only a kill ends a busy loop.
      for (;;) Math.sqrt(2);
    case "sleep":
      await sleep(event.milliseconds ?? 0);
      break;
    case "allocate": {
      const held = [];
      for (let index = 0; index < (event.megabytes ?? 0) * 8; index += 1)
        held.push(new Array(16_384).fill(index + 0.5));
      return { pid: process.pid, arrays: held.length };
    }
    case "print":
      console.log(JSON.stringify({ _aws: { CloudWatchMetrics: [] }, Accounts: 3 }));
      console.error("second line");
      break;
  }
  return { pid: process.pid };
}

export async function answerHttp(event: APIGatewayProxyEventV2) {
  if (event.pathParameters?.id === "boom") throw new Error("boom");
  if (event.pathParameters?.id === "plain") return { plain: true };
  return {
    statusCode: 202,
    headers: { "content-type": "application/json", "x-seen": event.rawPath },
    cookies: ["one=1", "two=2"],
    body: JSON.stringify(event),
  };
}

export async function onSchedule(event: unknown) {
  note(`schedule ${JSON.stringify(event)}`);
}

interface Work {
  id: string;
  action?: "fail" | "throw" | "sleep";
}

export async function onQueue(event: SQSEvent) {
  const failures = [];
  for (const record of event.Records) {
    const work: Work = JSON.parse(record.body);
    note(`queue ${work.id} batch=${event.Records.length} receive=${record.attributes.ApproximateReceiveCount}`);
    if (work.action === "throw") throw new Error(`${work.id} throws`);
    if (work.action === "sleep") await sleep(300);
    if (work.action === "fail") failures.push({ itemIdentifier: record.messageId });
  }
  note("queue end");
  return { batchItemFailures: failures };
}

const attempts = new Map<string, number>();

export async function onStream(event: DynamoDBStreamEvent) {
  for (const { dynamodb } of event.Records) {
    const sk = dynamodb?.Keys?.sk?.S ?? "";
    const failUntil = Number(dynamodb?.NewImage?.failUntil?.N ?? 0);
    const attempt = (attempts.get(sk) ?? 0) + 1;
    attempts.set(sk, attempt);
    const round = dynamodb?.NewImage?.round?.N ?? "";
    note(`stream ${sk} batch=${event.Records.length} attempt=${attempt} pk=${dynamodb?.Keys?.pk?.S} round=${round}`);
    if (attempt < failUntil) {
      if (dynamodb?.NewImage?.how?.S === "throw") throw new Error(`${sk} is poisoned`);
      return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber }] };
    }
  }
  return { batchItemFailures: [] };
}

// A small app with the shape of ours: a tick plans shards, a shard commits an event, and the table's stream publishes
// it.

const dynamodb = new DynamoDBClient({});
const sqs = new SQSClient({});
const sns = new SNSClient({});

export async function planShards(event: { shards: number }) {
  for (let shard = 0; shard < event.shards; shard += 1) {
    const body = JSON.stringify({ shard });
    await sqs.send(new SendMessageCommand({ QueueUrl: linked("ShardWork").url, MessageBody: body }));
  }
}

/** Waits while a file of this name exists, and notes that it waits. The test kills the stage there. */
async function gate(name: string): Promise<void> {
  const file = `${process.env.TRACE_FILE}.${name}`;
  if (existsSync(file)) note(`gate ${name}`);
  while (existsSync(file)) await sleep(5);
}

export async function computeShard(event: SQSEvent) {
  for (const record of event.Records) {
    const { shard } = JSON.parse(record.body);
    await gate(`compute-${shard}`);
    const item = (sk: string) => ({
      Put: {
        TableName: linked("MarginTable").name,
        Item: { pk: { S: `ACCOUNT#${shard}` }, sk: { S: sk } },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    });
    try {
      await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [item("STATE"), item("EVENT#1")] }));
    } catch (error) {
      if (!(error instanceof Error && error.name === "TransactionCanceledException")) throw error;
    }
    note(`computed ${shard}`);
  }
}

export async function publishEvents(event: DynamoDBStreamEvent) {
  await gate("publish");
  for (const { dynamodb: change } of event.Records) {
    const id = `${change?.Keys?.pk?.S}/${change?.Keys?.sk?.S}`;
    await sns.send(new PublishCommand({ TopicArn: linked("CallsTopic").arn, Message: id }));
    note(`published ${id}`);
  }
}

/** Answers like a Lambda authorizer: it lets in who shows `Bearer trader`, and fails over `Bearer boom`. */
export async function authorize(event: { type: string; identitySource: string[] }) {
  const [credential] = event.identitySource;
  if (credential === "Bearer boom") throw new Error("boom");
  note(`asked about ${credential}`);
  return { isAuthorized: credential === "Bearer trader", context: { account_id: "alice", seen: event.type } };
}
