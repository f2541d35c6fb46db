import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type LocalStage, startLocalStage } from "@plimsoll/local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { receiveAll } from "../support/local/messages.ts";
import { eventSourceNode, graphOf, queueNode, tableNode, Workshop } from "../support/local/stage.ts";

let workshop: Workshop;
let stage: LocalStage;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;

const bisected = tableNode("Bisected");
const whole = tableNode("Whole", { streamViewType: "NEW_AND_OLD_IMAGES" });
const lanes = tableNode("Lanes");
const givenUp = queueNode("GivenUp");
const onlyEvents = '{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"EVENT#"}]}}}}';

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

beforeAll(async () => {
  workshop = await Workshop.open();
  const stream = (functionName: string, table: typeof whole, overrides: Parameters<typeof eventSourceNode>[2]) =>
    eventSourceNode(functionName, table.streamArn ?? "", {
      startingPosition: "TRIM_HORIZON",
      onFailureArn: givenUp.arn,
      maximumRetryAttempts: 2,
      ...overrides,
    });
  stage = await startLocalStage({
    graph: graphOf({
      tables: [bisected, whole, lanes],
      queues: [givenUp],
      functions: ["Bisected", "Whole", "Lanes"].map((name) => workshop.functionNode(name, "onStream")),
      eventSources: [
        stream("Bisected", bisected, { bisectBatchOnFunctionError: true, filterPatterns: [onlyEvents], batchSize: 4 }),
        stream("Whole", whole, { maximumRetryAttempts: 1, maximumBatchingWindowSeconds: 2 }),
        stream("Lanes", lanes, { parallelizationFactor: 4, batchSize: 30, maximumBatchingWindowSeconds: 1 }),
      ],
    }),
    schedules: "manual",
    concurrency: 2,
  });
  dynamodb = new DynamoDBClient({ region: stage.region, endpoint: stage.endpoints.dynamodb, credentials });
  sqs = new SQSClient({ region: stage.region, endpoint: stage.endpoints.sqs, credentials });
});

beforeEach(() => workshop.forget());

afterAll(async () => {
  dynamodb.destroy();
  sqs.destroy();
  await stage.stop();
  workshop.close();
});

interface ItemParts {
  /** The first attempt that succeeds; by default the first of all. */
  readonly failUntil?: number;
  readonly how?: "throw" | "report";
  readonly round?: string;
}

async function put(table: string, pk: string, sk: string, parts: ItemParts = {}): Promise<void> {
  const { failUntil = 0, how = "throw", round = "0" } = parts;
  const Item = { pk: { S: pk }, sk: { S: sk }, failUntil: { N: `${failUntil}` }, how: { S: how }, round: { N: round } };
  await dynamodb.send(new PutItemCommand({ TableName: stage.resolve(table).name, Item }));
}

const keysOf = (lines: readonly string[]) => lines.map((line) => line.split(" ")[1]);

describe("a table's stream", () => {
  it("is delivered in order and filtered, in batches of the size of the stacks", async () => {
    for (let number = 1; number <= 9; number += 1) {
      await put("Bisected", "ACCOUNT#1", `EVENT#${number}`);
      await put("Bisected", "ACCOUNT#1", "STATE");
    }
    const { name: TableName } = stage.resolve("Bisected");
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "ACCOUNT#1" }, sk: { S: "EVENT#9" } } }));
    await stage.waitUntilIdle();
    const lines = workshop.trace("stream");
    expect(keysOf(lines)).toEqual(Array.from({ length: 9 }, (_, index) => `EVENT#${index + 1}`));
    for (const line of lines) expect(Number(line.split("batch=")[1]?.split(" ")[0])).toBeLessThanOrEqual(4);
  });

  it("is tried again from the first record reported as failed", async () => {
    await put("Bisected", "ACCOUNT#2", "EVENT#a");
    await put("Bisected", "ACCOUNT#2", "EVENT#b", { failUntil: 3, how: "report" });
    await put("Bisected", "ACCOUNT#2", "EVENT#c");
    await stage.waitUntilIdle();
    expect(keysOf(workshop.trace("stream"))).toEqual(["EVENT#a", "EVENT#b", "EVENT#b", "EVENT#b", "EVENT#c"]);
    expect(stage.deadLetters()).toEqual({ GivenUp: 0 });
  });

  it("has a poisoned record isolated, given up after its attempts with its place and cause, and the others delivered", async () => {
    await put("Bisected", "ACCOUNT#3", "EVENT#d");
    await put("Bisected", "ACCOUNT#3", "EVENT#poison", { failUntil: 99 });
    await put("Bisected", "ACCOUNT#3", "EVENT#e");
    await stage.waitUntilIdle();
    expect(new Set(keysOf(workshop.trace("stream")))).toEqual(new Set(["EVENT#d", "EVENT#poison", "EVENT#e"]));
    expect(keysOf(workshop.trace("stream")).at(-1)).toBe("EVENT#e");
    expect(stage.deadLetters()).toEqual({ GivenUp: 1 });
    const [notice = "{}"] = await receiveAll(sqs, stage.resolve("GivenUp").url);
    expect(JSON.parse(notice)).toMatchObject({
      requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 3 },
      responsePayload: { errorType: "Error", errorMessage: "EVENT#poison is poisoned" },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: stage.resolve("Bisected").streamArn },
    });
  });

  it("without bisecting has the rest of a failing batch given up together, as on AWS", async () => {
    await put("Whole", "A", "1");
    await put("Whole", "A", "2", { failUntil: 99, how: "report" });
    await put("Whole", "A", "3");
    await stage.waitUntilIdle();
    // The window gathered the three, so the third is lost with the second.
    expect(keysOf(workshop.trace("stream"))).toEqual(["1", "2", "2"]);
    const [notice = "{}"] = await receiveAll(sqs, stage.resolve("GivenUp").url);
    expect(JSON.parse(notice).DDBStreamBatchInfo).toMatchObject({ batchSize: 2 });
    await put("Whole", "A", "4");
    await stage.waitUntilIdle();
    expect(keysOf(workshop.trace("stream")).at(-1)).toBe("4");
  });

  it("in several lanes runs items at once and keeps the order of each", async () => {
    const items = ["x", "y", "z", "u", "v", "w"];
    const rounds = ["1", "2", "3", "4"];
    for (const round of rounds) for (const item of items) await put("Lanes", item, "same", { round });
    await stage.waitUntilIdle();
    const lines = workshop.trace("stream same");
    for (const item of items) {
      const seen = lines.filter((line) => line.includes(` pk=${item} `)).map((line) => line.split("round=")[1]);
      expect(seen).toEqual(rounds);
    }
    expect(stage.statistics().Lanes?.coldStarts).toBe(2);
  });
});
