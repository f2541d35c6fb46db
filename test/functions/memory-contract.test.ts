import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTable, emulatorServices, memoryServices, type Services } from "../support/services.ts";

// What the simulated worlds rest on: the services in memory and the emulators answer these calls alike.

type Attempt =
  | { readonly answer: unknown }
  | { readonly error: string; readonly item?: unknown; readonly reasons?: unknown };

/** What a call comes to, in a form that compares: the answer, or the name of the error and what it says of the item. */
async function attempt(call: Promise<unknown>): Promise<Attempt> {
  try {
    return { answer: await call };
  } catch (error) {
    const { name, Item, CancellationReasons } = error as Error & {
      Item?: Parameters<typeof unmarshall>[0];
      CancellationReasons?: { Code?: string; Item?: Parameters<typeof unmarshall>[0] }[];
    };
    return {
      error: name,
      ...(Item && { item: plain(unmarshall(Item)) }),
      ...(CancellationReasons && {
        reasons: CancellationReasons.map((reason) => [reason.Code, reason.Item && plain(unmarshall(reason.Item))]),
      }),
    };
  }
}

/** Bytes and sets as lists, so that equal ones compare equal. */
function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort();
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

const nowMs = Date.UTC(2026, 1, 5, 12);
let clockMs = nowMs;
const opened: Services[] = [];

const places = {
  emulators: emulatorServices,
  memory: async () => memoryServices(() => clockMs),
} as const;

async function open(place: keyof typeof places): Promise<Services> {
  const services = await places[place]();
  opened.push(services);
  await createTable(services, "Plain", { isStreamed: false });
  await createTable(services, "Streamed", { isStreamed: true });
  return services;
}

afterAll(async () => {
  for (const services of opened) await services.stop();
});

const key = (pk: string, sk: string) => marshall({ pk, sk });
const returned = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

describe.each(["emulators", "memory"] as const)("DynamoDB on the %s", (place) => {
  let services: Services;

  beforeAll(async () => {
    services = await open(place);
  });

  const put = (item: Record<string, unknown>, condition?: Record<string, unknown>) =>
    attempt(
      services.dynamodb.send(
        new PutItemCommand({ TableName: "Plain", Item: marshall(item), ...returned, ...condition }),
      ),
    );
  const get = async (pk: string, sk: string) => {
    const { Item } = await services.dynamodb.send(
      new GetItemCommand({ TableName: "Plain", Key: key(pk, sk), ConsistentRead: true }),
    );
    return Item && plain(unmarshall(Item));
  };

  it("keeps an item that a condition refuses, and gives it back", async () => {
    expect(await get("a", "none")).toBeUndefined();
    await put({ pk: "a", sk: "1", n: 1 });
    const isNew = { ConditionExpression: "attribute_not_exists(pk)" };
    expect(await put({ pk: "a", sk: "1", n: 2 }, isNew)).toEqual({
      error: "ConditionalCheckFailedException",
      item: { pk: "a", sk: "1", n: 1 },
    });
    expect(await get("a", "1")).toEqual({ pk: "a", sk: "1", n: 1 });
    expect(await put({ pk: "a", sk: "2" }, { ConditionExpression: "attribute_exists(pk)" })).toEqual({
      error: "ConditionalCheckFailedException",
    });
  });

  it.each([
    ["n < :v", 6, true],
    ["n < :v", 5, false],
    ["n <= :v", 5, true],
    ["n > :v", 5, false],
    ["n >= :v", 5, true],
    ["n = :v", 5, true],
    ["n <> :v", 5, false],
    ["n = :v", "5", false],
    ["n < :v", "6", false],
    ["absent < :v", 6, false],
    ["absent = :v", 6, false],
    ["absent <> :v", 6, true],
    ["NOT absent >= :v", 6, true],
    ["attribute_not_exists(absent) OR n > :v", 9, true],
    ["attribute_exists(n) AND n > :v", 9, false],
    ["attribute_not_exists(n) OR n > :v OR n < :v", 5, false],
    ["(n > :v OR attribute_exists(n)) AND attribute_exists(s)", 9, true],
    ["s > :v", "abc", true],
    ["s >= :v", "abd", true],
    ["s < :v", "ab", false],
    ["begins_with(s, :v)", "ab", true],
    ["begins_with(s, :v)", "b", false],
  ])("finds %s of %j to be %s", async (ConditionExpression, value, holds) => {
    await put({ pk: "c", sk: "1", n: 5, s: "abd" });
    const condition = { ConditionExpression, ExpressionAttributeValues: marshall({ ":v": value }) };
    const outcome = await put({ pk: "c", sk: "1", n: 7, s: "abd" }, condition);
    expect("answer" in outcome).toBe(holds);
  });

  it("takes names for reserved words, and refuses a value that is not given", async () => {
    await put({ pk: "c", sk: "2", sequence: 3 });
    const named = { ConditionExpression: "#s = :v", ExpressionAttributeNames: { "#s": "sequence" } };
    const values = (content: Record<string, unknown>) => ({ ExpressionAttributeValues: marshall(content) });
    expect(await put({ pk: "c", sk: "2", sequence: 4 }, { ...named, ...values({ ":v": 3 }) })).toHaveProperty("answer");
    expect(await put({ pk: "c", sk: "2" }, { ...named, ...values({ ":w": 3 }) })).toEqual({
      error: "ValidationException",
    });
  });

  const update = (
    sk: string,
    UpdateExpression: string,
    values: Record<string, unknown>,
    ConditionExpression?: string,
  ) =>
    attempt(
      services.dynamodb
        .send(
          new UpdateItemCommand({
            TableName: "Plain",
            Key: key("u", sk),
            UpdateExpression,
            ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
            ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: marshall(values) }),
            ReturnValues: "ALL_NEW",
          }),
        )
        .then(({ Attributes = {} }) => plain(unmarshall(Attributes))),
    );

  it("updates in place, making what is not there", async () => {
    expect(await update("1", "ADD n :one", { ":one": 1 })).toEqual({ answer: { pk: "u", sk: "1", n: 1 } });
    expect(await update("1", "ADD n :one SET s = :s, t = :t", { ":one": -3, ":s": "x", ":t": null })).toEqual({
      answer: { pk: "u", sk: "1", n: -2, s: "x", t: null },
    });
    expect(await update("1", "REMOVE s SET t = :t", { ":t": true })).toEqual({
      answer: { pk: "u", sk: "1", n: -2, t: true },
    });
    expect(await update("2", "ADD done :shard", { ":shard": new Set([3]) })).toEqual({
      answer: { pk: "u", sk: "2", done: [3] },
    });
    expect(await update("2", "ADD done :shard", { ":shard": new Set([1, 3]) })).toEqual({
      answer: { pk: "u", sk: "2", done: [1, 3] },
    });
    expect(await update("3", "SET a = :a", { ":a": 1 }, "attribute_exists(pk)")).toEqual({
      error: "ConditionalCheckFailedException",
    });
    expect(await get("u", "3")).toBeUndefined();
  });

  it("writes a transaction whole or not at all, and names the parts that were refused", async () => {
    await put({ pk: "t", sk: "1", n: 1 });
    const transact = (expected: number, token?: string) =>
      attempt(
        services.dynamodb
          .send(
            new TransactWriteItemsCommand({
              ...(token === undefined ? {} : { ClientRequestToken: token }),
              TransactItems: [
                {
                  ConditionCheck: {
                    TableName: "Plain",
                    Key: key("t", "1"),
                    ConditionExpression: "n = :n",
                    ExpressionAttributeValues: marshall({ ":n": expected }),
                    ...returned,
                  },
                },
                {
                  Put: {
                    TableName: "Plain",
                    Item: marshall({ pk: "t", sk: "2" }),
                    ConditionExpression: "attribute_not_exists(pk)",
                    ...returned,
                  },
                },
                {
                  Update: {
                    TableName: "Plain",
                    Key: key("t", "3"),
                    UpdateExpression: "ADD n :one",
                    ExpressionAttributeValues: marshall({ ":one": 1 }),
                  },
                },
              ],
            }),
          )
          .then(() => "written"),
      );
    expect(await transact(2)).toEqual({
      error: "TransactionCanceledException",
      reasons: [
        ["ConditionalCheckFailed", { pk: "t", sk: "1", n: 1 }],
        ["None", undefined],
        ["None", undefined],
      ],
    });
    expect(await get("t", "2")).toBeUndefined();
    expect(await get("t", "3")).toBeUndefined();
    expect(await transact(1, "token-of-a-transaction")).toEqual({ answer: "written" });
    // The same transaction under its token is not carried out again, and under none it is another.
    expect(await transact(1, "token-of-a-transaction")).toEqual({ answer: "written" });
    expect(await transact(1)).toEqual({
      error: "TransactionCanceledException",
      reasons: [
        ["None", undefined],
        ["ConditionalCheckFailed", { pk: "t", sk: "2" }],
        ["None", undefined],
      ],
    });
    expect(await get("t", "3")).toEqual({ pk: "t", sk: "3", n: 1 });
  });

  it("refuses a transaction and a batch that name an item twice, and batches beyond their limits", async () => {
    const Put = { TableName: "Plain", Item: marshall({ pk: "b", sk: "1" }) };
    const twice = new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Put }] });
    expect(await attempt(services.dynamodb.send(twice))).toEqual({ error: "ValidationException" });
    const puts = (sks: readonly string[]) =>
      new BatchWriteItemCommand({
        RequestItems: { Plain: sks.map((sk) => ({ PutRequest: { Item: marshall({ pk: "b", sk }) } })) },
      });
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));
    expect(await attempt(services.dynamodb.send(puts(["1", "1"])))).toEqual({ error: "ValidationException" });
    expect(await attempt(services.dynamodb.send(puts(numbers(26))))).toEqual({ error: "ValidationException" });
    const gets = (count: number) =>
      new BatchGetItemCommand({ RequestItems: { Plain: { Keys: numbers(count).map((sk) => key("b", sk)) } } });
    expect(await attempt(services.dynamodb.send(gets(101)))).toEqual({ error: "ValidationException" });
  });

  it("writes, deletes and reads in batches, and leaves out what is not there", async () => {
    const RequestItems = {
      Plain: ["x", "y"].map((sk) => ({ PutRequest: { Item: marshall({ pk: "g", sk, d: new Uint8Array([1, 2]) }) } })),
    };
    await services.dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
    await services.dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: {
          Plain: [{ DeleteRequest: { Key: key("g", "x") } }, { DeleteRequest: { Key: key("g", "never") } }],
        },
      }),
    );
    const { Responses } = await services.dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: { Plain: { Keys: [key("g", "x"), key("g", "y")], ConsistentRead: true } },
      }),
    );
    expect(Responses?.Plain?.map((item) => plain(unmarshall(item)))).toEqual([{ pk: "g", sk: "y", d: [1, 2] }]);
  });

  it("reads a partition in the order of its sort keys, from either end, by prefix, below a key and in pages", async () => {
    for (const sk of ["EVENT#2", "EVENT#10", "GAP", "EVENT#1", "A"]) await put({ pk: "q", sk });
    const query = async (condition: string, more: Record<string, unknown>, values: Record<string, unknown> = {}) => {
      const sks: string[] = [];
      let start: Record<string, never> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await services.dynamodb.send(
          new QueryCommand({
            TableName: "Plain",
            KeyConditionExpression: condition,
            ExpressionAttributeValues: marshall({ ":pk": "q", ...values }),
            ConsistentRead: true,
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
            ...more,
          }),
        );
        sks.push(...Items.map((item) => String(unmarshall(item).sk)));
        start = LastEvaluatedKey as typeof start;
      } while (start !== undefined && more.one === undefined);
      return sks;
    };
    const all = ["A", "EVENT#1", "EVENT#10", "EVENT#2", "GAP"];
    expect(await query("pk = :pk", {})).toEqual(all);
    expect(await query("pk = :pk", { Limit: 2 })).toEqual(all);
    expect(await query("pk = :pk", { ScanIndexForward: false, Limit: 2 })).toEqual(all.toReversed());
    expect(await query("pk = :pk AND begins_with(sk, :p)", {}, { ":p": "EVENT#" })).toEqual(all.slice(1, 4));
    const between = "pk = :pk AND sk BETWEEN :from AND :to";
    expect(await query(between, {}, { ":from": "EVENT#", ":to": "EVENT#2" })).toEqual(all.slice(1, 4));
    await expect(query(between, {}, { ":from": "B", ":to": "A" })).rejects.toThrow(/BETWEEN/);
    expect(await query("pk = :pk AND sk < :s", { ScanIndexForward: false }, { ":s": "EVENT#2" })).toEqual(
      all.slice(0, 3).toReversed(),
    );
  });

  it("keeps, changes and deletes items of a table that has no sort key", async () => {
    const { dynamodb } = services;
    const TableName = "Single";
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    const Key = marshall({ id: "a" });
    const read = async () => {
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return Item && plain(unmarshall(Item));
    };
    const isNew = { ConditionExpression: "attribute_not_exists(#id)", ExpressionAttributeNames: { "#id": "id" } };
    const putNew = () => attempt(dynamodb.send(new PutItemCommand({ TableName, Item: { ...Key }, ...isNew })));
    expect(await putNew()).toHaveProperty("answer");
    expect(await putNew()).toEqual({ error: "ConditionalCheckFailedException" });
    const ExpressionAttributeValues = marshall({ ":n": 1 });
    await dynamodb.send(
      new UpdateItemCommand({ TableName, Key, UpdateExpression: "SET n = :n", ExpressionAttributeValues }),
    );
    expect(await read()).toEqual({ id: "a", n: 1 });
    const gone = () =>
      attempt(dynamodb.send(new DeleteItemCommand({ TableName, Key, ConditionExpression: "attribute_exists(id)" })));
    expect(await gone()).toHaveProperty("answer");
    expect(await read()).toBeUndefined();
    expect(await gone()).toEqual({ error: "ConditionalCheckFailedException" });
  });

  it("gives a large partition in pages, and refuses an item that is too large", async () => {
    const d = new Uint8Array(390_000);
    for (const sk of ["1", "2", "3", "4"]) await put({ pk: "l", sk, d });
    const { Items, LastEvaluatedKey } = await services.dynamodb.send(
      new QueryCommand({
        TableName: "Plain",
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: marshall({ ":pk": "l" }),
      }),
    );
    expect(Items?.length).toBeLessThan(4);
    expect(LastEvaluatedKey).toBeDefined();
    expect(await put({ pk: "l", sk: "5", d: new Uint8Array(410_000) })).toEqual({ error: "ValidationException" });
  });

  it("tells the stream of each change in its order", async () => {
    const { Table } = await services.dynamodb.send(new DescribeTableCommand({ TableName: "Streamed" }));
    const StreamArn = Table?.LatestStreamArn;
    const write = (n: number, sk = "1") =>
      services.dynamodb.send(new PutItemCommand({ TableName: "Streamed", Item: marshall({ pk: "s", sk, n }) }));
    await write(1);
    await write(2);
    await services.dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Delete: { TableName: "Streamed", Key: key("s", "1"), ConditionExpression: "attribute_exists(pk)" } },
        ],
      }),
    );
    await write(3, "2");
    const read = async (position: Record<string, unknown>) => {
      const { StreamDescription } = await services.streams.send(new DescribeStreamCommand({ StreamArn }));
      const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
      const { ShardIterator } = await services.streams.send(
        new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON", ...position }),
      );
      return (await services.streams.send(new GetRecordsCommand({ ShardIterator }))).Records ?? [];
    };
    const records = await read({});
    const told = records.map(({ eventName, dynamodb }) => [eventName, dynamodb?.Keys?.sk?.S, dynamodb?.NewImage?.n?.N]);
    expect(told).toEqual([
      ["INSERT", "1", "1"],
      ["MODIFY", "1", "2"],
      ["REMOVE", "1", undefined],
      ["INSERT", "2", "3"],
    ]);
    const SequenceNumber = records[1]?.dynamodb?.SequenceNumber;
    expect(await read({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber })).toHaveLength(2);
  });
});

describe("random writes", () => {
  const expressions = [
    undefined,
    "attribute_not_exists(pk)",
    "attribute_exists(pk)",
    "n = :v",
    "n < :v",
    "attribute_not_exists(n) OR n <= :v",
    "attribute_exists(pk) AND NOT n >= :v",
  ];
  const write = fc.record({
    kind: fc.constantFrom("put", "update", "transact"),
    sk: fc.constantFrom("1", "2", "3"),
    other: fc.constantFrom("1", "2", "3", "4"),
    value: fc.integer({ min: 0, max: 4 }),
    condition: fc.constantFrom(...expressions),
  });
  const conditionOf = (ConditionExpression: string | undefined, value: number) => ({
    ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
    ...(ConditionExpression?.includes(":v") ? { ExpressionAttributeValues: marshall({ ":v": value }) } : {}),
  });

  it("leave the same items and give the same answers on the emulators and in memory", {
    timeout: 120_000,
  }, async () => {
    const both = [await open("emulators"), await open("memory")] as const;
    let run = 0;
    const property = fc.asyncProperty(fc.array(write, { minLength: 5, maxLength: 20 }), async (writes) => {
      run += 1;
      const pk = `random-${run}`;
      const outcomes = both.map(async ({ dynamodb }) => {
        const answers: Attempt[] = [];
        for (const { kind, sk, other, value, condition } of writes) {
          const TableName = "Plain";
          const conditioned = conditionOf(condition, value);
          const Put = { TableName, Item: marshall({ pk, sk, n: value }), ...conditioned, ...returned };
          const Update = {
            TableName,
            Key: key(pk, kind === "update" ? sk : other),
            UpdateExpression: "ADD n :one",
            ExpressionAttributeValues: marshall({ ":one": 1 }),
          };
          const sent =
            kind === "put"
              ? dynamodb.send(new PutItemCommand(Put)).then(() => "written")
              : kind === "update"
                ? dynamodb
                    .send(new UpdateItemCommand({ ...Update, ReturnValues: "ALL_NEW" }))
                    .then((answer) => plain(unmarshall(answer.Attributes ?? {})))
                : dynamodb
                    .send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Update }] }))
                    .then(() => "written");
          answers.push(await attempt(sent));
        }
        const { Items = [] } = await dynamodb.send(
          new QueryCommand({
            TableName: "Plain",
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: marshall({ ":pk": pk }),
          }),
        );
        return { answers, items: Items.map((item) => plain(unmarshall(item))) };
      });
      const [emulated, inMemory] = await Promise.all(outcomes);
      expect(inMemory).toEqual(emulated);
    });
    await fc.assert(property, { numRuns: 60, seed: 10 });
  });
});

describe.each(["emulators", "memory"] as const)("SQS and SNS on the %s", (place) => {
  let services: Services;

  beforeAll(async () => {
    services = await open(place);
  });

  async function queue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
    await services.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return services.queueUrl(QueueName);
  }
  const send = (QueueUrl: string, MessageBody: string, more: Record<string, unknown> = {}) =>
    services.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (QueueUrl: string, most = 10): Promise<Message[]> => {
    const { Messages = [] } = await services.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: most, MessageSystemAttributeNames: ["All"] }),
    );
    return Messages;
  };
  const bodies = async (QueueUrl: string, most?: number) => (await receive(QueueUrl, most)).map(({ Body }) => Body);
  const expose = (QueueUrl: string, { ReceiptHandle }: Message) =>
    services.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const finish = (QueueUrl: string, { ReceiptHandle }: Message) =>
    services.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  const attributesOf = async (QueueUrl: string) =>
    (await services.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))).Attributes ?? {};

  it("hides what was received until it is shown again or deleted, and counts the receives", async () => {
    const url = await queue("hidden");
    await send(url, "a");
    const [first] = await receive(url);
    expect(first?.Attributes?.ApproximateReceiveCount).toBe("1");
    expect(Number(first?.Attributes?.ApproximateFirstReceiveTimestamp)).toBeGreaterThan(0);
    expect(await receive(url)).toEqual([]);
    expect(await attributesOf(url)).toMatchObject({
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "1",
    });
    await expose(url, first as Message);
    const [second] = await receive(url);
    expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: "2" } });
    await finish(url, second as Message);
    expect(await attempt(expose(url, second as Message))).toHaveProperty("error");
    expect((await attributesOf(url)).ApproximateNumberOfMessagesNotVisible).toBe("0");
  });

  it("gives a message up to its dead letters after so many receives", async () => {
    const dead = await queue("given-up");
    const deadLetterTargetArn = (await attributesOf(dead)).QueueArn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    const url = await queue("tried", { RedrivePolicy });
    await send(url, "poison");
    for (let tries = 1; tries <= 2; tries += 1) {
      const [message] = await receive(url);
      expect(message?.Body).toBe("poison");
      await expose(url, message as Message);
    }
    expect(await receive(url)).toEqual([]);
    expect(await bodies(dead)).toEqual(["poison"]);
  });

  it("holds back what is sent with a delay", async () => {
    const url = await queue("delayed");
    await send(url, "later", { DelaySeconds: 60 });
    expect(await receive(url)).toEqual([]);
    expect((await attributesOf(url)).ApproximateNumberOfMessagesDelayed).toBe("1");
  });

  it("takes at most ten messages in a batch, each under its own id", async () => {
    const url = await queue("batches");
    const entries = (ids: readonly number[]) => ids.map((id) => ({ Id: String(id), MessageBody: `m${id}` }));
    const sent = (ids: readonly number[]) =>
      attempt(
        services.sqs
          .send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries(ids) }))
          .then(({ Successful = [], Failed = [] }) => [Successful.length, Failed.length]),
      );
    expect(await sent([1, 2, 3])).toEqual({ answer: [3, 0] });
    expect(await sent(Array.from({ length: 11 }, (_, index) => index))).toHaveProperty("error");
    expect(await sent([1, 1])).toHaveProperty("error");
    expect((await bodies(url)).sort()).toEqual(["m1", "m2", "m3"]);
  });

  it("keeps the order of a group, hides the group while some of it is in hand, and drops repeats", async () => {
    const url = await queue("groups.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
    for (const [body, group] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
      ["a1", "a"],
    ] as const) {
      await send(url, body, { MessageGroupId: group });
    }
    const [first] = await receive(url, 1);
    expect(first).toMatchObject({ Body: "a1", Attributes: { MessageGroupId: "a" } });
    expect(await bodies(url)).toEqual(["b1"]);
    await finish(url, first as Message);
    expect(await bodies(url)).toEqual(["a2"]);
    expect(await receive(url)).toEqual([]);
    expect(await attempt(send(url, "no group"))).toHaveProperty("error");
  });

  it("delivers what a topic is told to its queues, and knows a topic that is gone", async () => {
    const url = await queue("told");
    const { QueueArn } = await attributesOf(url);
    const { TopicArn } = await services.sns.send(new CreateTopicCommand({ Name: "topic" }));
    const subscription = { TopicArn, Protocol: "sqs", Endpoint: QueueArn, Attributes: { RawMessageDelivery: "true" } };
    await services.sns.send(new SubscribeCommand(subscription));
    await services.sns.send(new SubscribeCommand(subscription));
    await services.sns.send(new PublishCommand({ TopicArn, Message: "one" }));
    const PublishBatchRequestEntries = ["two", "three"].map((Message) => ({ Id: Message, Message }));
    const { Successful } = await services.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(Successful).toHaveLength(2);
    expect((await bodies(url)).sort()).toEqual(["one", "three", "two"]);
    await services.sns.send(new DeleteTopicCommand({ TopicArn }));
    const gone = await attempt(services.sns.send(new PublishCommand({ TopicArn, Message: "none" })));
    expect(gone).toMatchObject({ error: expect.stringMatching(/NotFound/) });
  });
});

describe("where DynamoDB is stricter than its emulator, the memory", () => {
  it("refuses a value that no expression uses", async () => {
    const { dynamodb } = await open("memory");
    const put = new PutItemCommand({
      TableName: "Plain",
      Item: marshall({ pk: "a", sk: "1" }),
      ConditionExpression: "attribute_not_exists(pk)",
      ExpressionAttributeValues: marshall({ ":v": 1 }),
    });
    expect(await attempt(dynamodb.send(put))).toEqual({ error: "ValidationException" });
  });

  it("tells the stream nothing of a write that changes nothing", async () => {
    const { dynamodb, streams } = await open("memory");
    for (const n of [1, 1, 2]) {
      await dynamodb.send(new PutItemCommand({ TableName: "Streamed", Item: marshall({ pk: "s", sk: "1", n }) }));
    }
    const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator: "Streamed " }));
    expect(Records).toHaveLength(2);
  });
});

describe("time in memory", () => {
  it("shows what is hidden, delayed or deduplicated again when it has passed", async () => {
    const services = await open("memory");
    const QueueUrl = services.queueUrl("timed.fifo");
    await services.sqs.send(
      new CreateQueueCommand({ QueueName: "timed.fifo", Attributes: { FifoQueue: "true", VisibilityTimeout: "100" } }),
    );
    const send = () =>
      services.sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody: "a", MessageGroupId: "g", MessageDeduplicationId: "d" }),
      );
    const receive = async () => (await services.sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
    await send();
    expect(await receive()).toHaveLength(1);
    clockMs += 99_999;
    expect(await receive()).toHaveLength(0);
    clockMs += 1;
    const [again] = await receive();
    await services.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    await send();
    expect(await receive()).toHaveLength(0);
    clockMs += 300_000;
    await send();
    expect(await receive()).toHaveLength(1);
  });
});
