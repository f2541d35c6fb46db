import { CreateTopicCommand, type PublishCommand } from "@aws-sdk/client-sns";
import { callEvent } from "@plimsoll/schema";
import { saveAccountTopic } from "@plimsoll/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, streamRecord, type TestStage } from "../support/stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;
type LambdaRecord = ReturnType<typeof streamRecord>;
let events: LambdaRecord[];
let sends: { topic: string | undefined; fail: (account: string) => boolean };
const topics: (string | undefined)[] = [];

/** Commits one call for each of three accounts. */
beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
  sends = { topic: undefined, fail: () => false };
  stage.sns.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as PublishCommand["input"];
      const event = callEvent.safeParse(JSON.parse(input.Message ?? "null"));
      if (event.success && sends.fail(event.data.account_id)) throw new Error("SNS is down");
      const answer = await next(args);
      if (event.success) topics.push(input.TopicArn);
      return answer;
    },
    { step: "initialize", name: "failure" },
  );
  await functions.ingestPrices(
    quoteRequest(quoteBatchOf(btcQuotes(70_000), openMs), openMs),
    lambdaContext("IngestPrices"),
  );
  for (const accountId of ["one", "two", "three"]) {
    const short = { id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" };
    await stage.send("AccountEvents", accountState(accountId, "6300", [short]));
  }
  await stage.consume("AccountEvents", functions.ingestAccounts);
  await functions.onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
  await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
  const records = await stage.readStream();
  events = records.filter(({ dynamodb }) => dynamodb?.Keys?.sk?.S?.startsWith("EVENT#")).map(streamRecord);
});
afterAll(() => stage.stop());
afterEach(() => {
  sends.fail = () => false;
  topics.length = 0;
});

function publish(records: readonly LambdaRecord[]) {
  return functions.publishCalls({ Records: records }, lambdaContext("PublishCalls"));
}

async function published() {
  return (await stage.drain("Published")).map((message) => callEvent.parse(message));
}

function accountOf(record: LambdaRecord | undefined): string {
  return (record?.dynamodb.Keys?.pk?.S ?? "").replace("ACCOUNT#", "");
}

describe("publishing committed calls", () => {
  it("ends a batch at the first failure, so that no event overtakes another (seen to fail without the early return)", async () => {
    const second = accountOf(events[1]);
    sends.fail = (accountId) => accountId === second;
    const answer = await publish(events);
    const failed = events.slice(1).map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber }));
    expect(answer).toEqual({ batchItemFailures: failed });
    expect((await published()).map((event) => event.account_id)).toEqual([accountOf(events[0])]);
  });

  it("tells each event once when the batch comes again (seen to fail without the memory of makeIdempotent)", async () => {
    expect(await publish(events)).toEqual({ batchItemFailures: [] });
    expect(await publish(events)).toEqual({ batchItemFailures: [] });
    expect((await published()).map((event) => event.account_id)).toEqual(events.slice(1).map(accountOf));
  });

  it("tells the account's own topic too, where it has one", async () => {
    const { TopicArn = "" } = await stage.sns.send(new CreateTopicCommand({ Name: "account-topic" }));
    await saveAccountTopic(stage.table("Notify"), "four", TopicArn);
    const short = { id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" };
    await stage.send("AccountEvents", accountState("four", "6300", [short]));
    await stage.consume("AccountEvents", functions.ingestAccounts);
    await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
    const added = (await stage.readStream())
      .filter(({ dynamodb }) => dynamodb?.Keys?.pk?.S === "ACCOUNT#four" && dynamodb.Keys.sk?.S !== "STATE")
      .map(streamRecord);
    expect(await publish(added)).toEqual({ batchItemFailures: [] });
    expect(topics).toEqual([stage.operatorTopicArn, TopicArn]);
  });

  it("gives back a record that cannot be read, with what follows it", async () => {
    const broken = { ...events[0], dynamodb: { SequenceNumber: "77", NewImage: { data: { B: "AAAA" } } } };
    expect(await publish([broken as LambdaRecord])).toEqual({ batchItemFailures: [{ itemIdentifier: "77" }] });
  });
});
