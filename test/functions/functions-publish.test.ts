import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  InvalidParameterException,
  type PublishBatchCommandInput,
  type PublishBatchCommandOutput,
} from "@aws-sdk/client-sns";
import { marshall } from "@aws-sdk/util-dynamodb";
import { type CallEvent, callEvent } from "@plimsoll/schema";
import { loadMarks, restoreMark, saveAccountTopic } from "@plimsoll/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkToldInOrder } from "../support/checkers.ts";
import { type CommittedCall, CommittedCalls } from "../support/committed-calls.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import type { Refusal } from "../support/gateway.ts";
import { lambdaContext, startTestStage, type TestStage } from "../support/stage.ts";
import { tick } from "../support/venue.ts";

const minuteMs = 60_000;

let stage: TestStage;
let functions: Functions;
let calls: CommittedCalls;
let nowMs: number;

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
  calls = await CommittedCalls.open(stage, functions);
});
afterAll(() => stage.stop());

beforeEach(async () => {
  await calls.clear();
  nowMs = Date.now();
});
afterEach(() => {
  stage.snsGateway.isOpen = true;
  stage.snsGateway.refusal = "cuts the connection";
  vi.useRealTimers();
});

const commit = (events: readonly CommittedCall[]) => calls.commit(events, nowMs);

function publish(records: readonly unknown[], remainingMs?: number) {
  return functions.publishCalls({ Records: records }, lambdaContext("PublishCalls", remainingMs));
}

/** A run of the republisher when so many minutes have passed. */
async function republish(afterMinutes = 2): Promise<void> {
  vi.setSystemTime(nowMs + afterMinutes * minuteMs);
  await functions.republishCalls(tick(nowMs), lambdaContext("RepublishCalls", 55_000));
  vi.useRealTimers();
}

async function published(): Promise<CallEvent[]> {
  return (await stage.drain("Published")).map((message) => callEvent.parse(message));
}

async function publishedIds(): Promise<string[]> {
  return (await published()).map(({ event_id }) => event_id);
}

async function marks() {
  return (await loadMarks(stage.table("Margin"))).map(({ poolKey, sequence, refusal }) => ({
    event: `${poolKey}/${sequence}`,
    refusal,
  }));
}

/** More than SNS takes in one message. */
const tooLong = "x".repeat(300_000);

describe("publishing committed calls", () => {
  it("tells each event once, in the order of its account, when the batch comes again (seen to fail without the marks' deletion)", async () => {
    const accounts = Array.from({ length: 23 }, (_, index) => `account-${index}`);
    const records = await commit([1, 2, 3].flatMap((sequence) => accounts.map((account) => ({ account, sequence }))));
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    await republish();
    const told = await published();
    expect(told).toHaveLength(69);
    checkToldInOrder(told);
    expect(await marks()).toEqual([]);
  });

  it("sets aside an event that SNS will not have, with the reason, and goes on with all others", async () => {
    const records = await commit([
      { account: "poisoned", sequence: 1, text: tooLong },
      { account: "ada", sequence: 1 },
      { account: "bo", sequence: 1 },
      { account: "poisoned", sequence: 2 },
    ]);
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    expect((await publishedIds()).toSorted()).toEqual(["ada/1", "bo/1", "poisoned/2"]);
    expect(await marks()).toEqual([
      { event: "poisoned/1", refusal: expect.stringMatching(/InvalidParameter|TooLong/) },
    ]);
    await republish();
    expect(await publishedIds()).toEqual([]);
  });

  it("tries each event alone where SNS refuses the whole call for one of them", async () => {
    stage.sns.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          const refused = commandName === "PublishBatchCommand" && JSON.stringify(args.input).includes("poisoned");
          if (refused) throw new InvalidParameterException({ message: "Invalid parameter: Subject", $metadata: {} });
          return next(args);
        },
      { step: "initialize", name: "strict" },
    );
    const records = await commit(["ada", "poisoned", "bo"].map((account) => ({ account, sequence: 1 })));
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    stage.sns.middlewareStack.remove("strict");
    expect((await publishedIds()).toSorted()).toEqual(["ada/1", "bo/1"]);
    expect(await marks()).toEqual([{ event: "poisoned/1", refusal: expect.stringContaining("Subject") }]);
  });

  it("sets aside an event that cannot be read, by its name, and goes on with all others", async () => {
    const [broken, ...rest] = await commit([
      { account: "ada", sequence: 1 },
      { account: "bo", sequence: 1 },
      { account: "ada", sequence: 2 },
    ]);
    const unreadable = { ...broken, dynamodb: { ...broken?.dynamodb, NewImage: { data: { B: "AAAA" } } } };
    expect(await publish([unreadable, ...rest])).toEqual({ batchItemFailures: [] });
    expect((await publishedIds()).toSorted()).toEqual(["ada/2", "bo/1"]);
    expect(await marks()).toEqual([{ event: "ada/1", refusal: expect.stringContaining("cannot be read") }]);
  });

  it("tells the account's own topic too, and where that is gone the operators, who then see what was not told", async () => {
    const sink = await stage.sns.send(new CreateTopicCommand({ Name: "of-ada" }));
    const gone = await stage.sns.send(new CreateTopicCommand({ Name: "of-bo" }));
    await saveAccountTopic(stage.table("Notify"), "ada", sink.TopicArn ?? "");
    await saveAccountTopic(stage.table("Notify"), "bo", gone.TopicArn ?? "");
    await stage.sns.send(new DeleteTopicCommand({ TopicArn: gone.TopicArn }));
    const told: string[] = [];
    stage.sns.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === "PublishCommand") told.push(String((args.input as { TopicArn?: string }).TopicArn));
          return next(args);
        },
      { step: "initialize", name: "topics" },
    );
    const records = await commit([
      { account: "bo", sequence: 1 },
      { account: "ada", sequence: 1 },
      { account: "cy", sequence: 1 },
    ]);
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    stage.sns.middlewareStack.remove("topics");
    expect((await publishedIds()).toSorted()).toEqual(["ada/1", "bo/1", "cy/1"]);
    expect(told.toSorted()).toEqual([sink.TopicArn, gone.TopicArn].toSorted());
    expect(await marks()).toEqual([{ event: "bo/1", refusal: expect.stringMatching(/of-bo.*NotFound/) }]);
  });

  // Seen to fail where such an event is set aside or taken for told, where its account is told of it, and where the next one of
  // its pool goes out before it.
  it.each([
    ["refuses for the moment", { Code: "InternalError", SenderFault: false }],
    ["refuses for what is not the event's fault", { Code: "KMSThrottling", SenderFault: true }],
    ["does not name in its answer", null],
  ])(
    "leaves an event that SNS %s to a later run, with those after it in its pool, and holds nobody else up",
    async (_, failure) => {
      const { TopicArn = "" } = await stage.sns.send(new CreateTopicCommand({ Name: "of-ada" }));
      await saveAccountTopic(stage.table("Notify"), "ada", TopicArn);
      const toldAccounts: unknown[] = [];
      stage.sns.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === "PublishCommand") toldAccounts.push(args.input);
            if (commandName !== "PublishBatchCommand") return next(args);
            const input = args.input as PublishBatchCommandInput;
            const entries = input.PublishBatchRequestEntries ?? [];
            const isFailing = ({ Message = "" }) => callEvent.parse(JSON.parse(Message)).event_id === "ada/1";
            const taken = entries.filter((entry) => !isFailing(entry));
            const answer =
              taken.length === 0
                ? { response: {}, output: { $metadata: {} } as PublishBatchCommandOutput }
                : await next({ ...args, input: { ...input, PublishBatchRequestEntries: taken } as never });
            const Failed = failure === null ? [] : entries.filter(isFailing).map(({ Id }) => ({ Id, ...failure }));
            return { ...answer, output: { ...answer.output, Failed } as never };
          },
        { step: "initialize", name: "failing" },
      );
      const records = await commit([
        { account: "ada", sequence: 1 },
        { account: "ada", sequence: 2 },
        { account: "bo", sequence: 1 },
      ]);
      expect(await publish(records)).toEqual({ batchItemFailures: [] });
      stage.sns.middlewareStack.remove("failing");
      expect(await publishedIds()).toEqual(["bo/1"]);
      expect(toldAccounts).toEqual([]);
      expect(await marks()).toEqual([1, 2].map((sequence) => ({ event: `ada/${sequence}`, refusal: null })));
      await republish();
      expect(await publishedIds()).toEqual(["ada/1", "ada/2"]);
      expect(await marks()).toEqual([]);
    },
  );

  it("tells of a batch that comes again in part only what still waits", async () => {
    const records = await commit([1, 2].map((sequence) => ({ account: "ada", sequence })));
    expect(await publish(records.slice(0, 1))).toEqual({ batchItemFailures: [] });
    expect(await publishedIds()).toEqual(["ada/1"]);
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    expect(await publishedIds()).toEqual(["ada/2"]);
    // Someone asks for the first again, and the stream repeats the second. Seen to fail where a mark of the pool is enough.
    await restoreMark(stage.table("Margin"), { poolKey: "ada", sequence: 1 }, nowMs);
    expect(await publish(records.slice(1))).toEqual({ batchItemFailures: [] });
    expect(await publishedIds()).toEqual(["ada/1"]);
  });

  it("fails as a whole, to come again, only where the marks cannot be read", async () => {
    const records = await commit([
      { account: "ada", sequence: 1 },
      { account: "bo", sequence: 1 },
    ]);
    stage.dynamodb.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === "BatchGetItemCommand") throw new Error("DynamoDB is away");
          return next(args);
        },
      { step: "initialize", name: "away" },
    );
    const answer = await publish(records);
    stage.dynamodb.middlewareStack.remove("away");
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: records[0]?.dynamodb.SequenceNumber }] });
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    expect((await publishedIds()).toSorted()).toEqual(["ada/1", "bo/1"]);
  });

  it("publishes an event whose mark cannot be read, and all others (I9)", async () => {
    await commit([
      { account: "ada", sequence: 1 },
      { account: "bo", sequence: 1 },
    ]);
    const mark = (await stage.scan("Margin")).find(({ sk }) => String(sk).startsWith("BOOK#ada#"));
    const Item = marshall({ ...mark, committed_at_ms: "yesterday" });
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item }));
    await republish();
    expect((await publishedIds()).toSorted()).toEqual(["ada/1", "bo/1"]);
    expect(await marks()).toEqual([]);
  });

  it("starts nothing that could outlast the invocation", async () => {
    const records = await commit([{ account: "ada", sequence: 1 }]);
    expect(await publish(records, 5_000)).toEqual({ batchItemFailures: [] });
    expect(await publishedIds()).toEqual([]);
    expect(await marks()).toEqual([{ event: "ada/1", refusal: null }]);
  });
});

// Seen to fail before there were marks: the stream gave its events up after 26 tries, and nothing published them later.
describe("an outage of SNS", () => {
  it.each<Refusal>(["cuts the connection", "answers 503"])(
    "that %s loses nothing, holds no stream, and keeps each account's order",
    { timeout: 120_000 },
    async (refusal) => {
      stage.snsGateway.isOpen = false;
      stage.snsGateway.refusal = refusal;
      const accounts = Array.from({ length: 40 }, (_, index) => `account-${index}`);
      for (const sequence of [1, 2]) {
        const records = await commit(accounts.map((account) => ({ account, sequence })));
        expect(await publish(records)).toEqual({ batchItemFailures: [] });
      }
      for (let run = 0; run < 5; run += 1) await republish();
      expect(stage.snsGateway.refused).toBeGreaterThan(26);
      expect(await publishedIds()).toEqual([]);
      expect(await marks()).toHaveLength(80);

      stage.snsGateway.isOpen = true;
      // What is committed after the outage waits for what its account was not told, and nobody else waits for it.
      const records = await commit([
        { account: "account-7", sequence: 3 },
        { account: "newcomer", sequence: 1 },
      ]);
      expect(await publish(records)).toEqual({ batchItemFailures: [] });
      const first = await published();
      checkToldInOrder(first);
      expect(first.map(({ event_id }) => event_id).toSorted()).toEqual([
        "account-7/1",
        "account-7/2",
        "account-7/3",
        "newcomer/1",
      ]);
      await republish(200);
      const rest = await published();
      expect(rest).toHaveLength(78);
      checkToldInOrder([...first, ...rest]);
      expect(await marks()).toEqual([]);
    },
  );

  it("that never answers costs no more than a part of the invocation (seen to fail without the client's timeouts)", {
    timeout: 120_000,
  }, async () => {
    stage.snsGateway.isOpen = false;
    stage.snsGateway.refusal = "never answers";
    const records = await commit(Array.from({ length: 90 }, (_, index) => ({ account: `a${index}`, sequence: 1 })));
    const startedMs = performance.now();
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(await marks()).toHaveLength(90);
  });

  it("is found out by a few calls, and the rest is left to the next run", { timeout: 120_000 }, async () => {
    stage.snsGateway.isOpen = false;
    const records = await commit(Array.from({ length: 300 }, (_, index) => ({ account: `a${index}`, sequence: 1 })));
    const before = stage.snsGateway.refused;
    expect(await publish(records)).toEqual({ batchItemFailures: [] });
    // Eight calls under way, at most seven more begun before the eighth has failed, three tries each.
    expect(stage.snsGateway.refused - before).toBeLessThanOrEqual(45);
    expect(await marks()).toHaveLength(300);
  });

  it("is told from the stream's own work: the republisher leaves the last minute to it", async () => {
    await commit([{ account: "ada", sequence: 1 }]);
    await republish(0.5);
    expect(await publishedIds()).toEqual([]);
    await republish(1);
    expect(await publishedIds()).toEqual(["ada/1"]);
  });
});
