import { DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { type MarginRow, type ShardWork, shardOf } from "@plimsoll/schema";
import { findState, loadBlock } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import {
  accountState,
  btcQuotes,
  indexQuote,
  iso,
  openMs,
  quoteBatchOf,
  quoteRequest,
  tick,
} from "../support/venue.ts";

const settings = { ...testSettings, shardCount: 1 };
const minuteMs = 60_000;

let stage: TestStage;
let functions: Functions;
let nowMs = openMs;
let accounts = 0;

beforeAll(async () => {
  stage = await startTestStage(settings);
  functions = await importFunctions();
});
afterAll(() => stage.stop());
beforeEach(async () => {
  nowMs += 10 * minuteMs;
  await stage.drain("ShardWork");
});

/** Quotes the market and asks for a sweep a minute later than the last one; returns its message. */
async function sweepAt(price: number): Promise<ShardWork> {
  nowMs += minuteMs;
  const quotes = quoteBatchOf(btcQuotes(price), nowMs);
  await functions.ingestPrices(quoteRequest(quotes, nowMs), lambdaContext("IngestPrices"));
  return sweepOnStoredQuotes();
}

async function sweepOnStoredQuotes(): Promise<ShardWork> {
  await stage.drain("ShardWork");
  await functions.onSchedule(tick(nowMs), lambdaContext("StartSweepOnSchedule"));
  const [work] = (await stage.drain("ShardWork")) as ShardWork[];
  if (work === undefined) throw new Error("no message");
  return work;
}

async function compute(work: ShardWork | undefined): Promise<void> {
  await stage.send("ShardWork", work);
  expect(await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 })).toBe(1);
}

async function open(usd: string, quantity: string, ledgerSequence = 1, name?: string): Promise<string> {
  accounts += 1;
  const accountId = name ?? `account-${accounts}`;
  const position = { id: "BTC_USD-PERPETUAL", quantity, entry: "70000" };
  await stage.send("AccountEvents", accountState(accountId, usd, [position], ledgerSequence));
  await stage.consume("AccountEvents", functions.ingestAccounts);
  return accountId;
}

async function rowOf(accountId: string): Promise<MarginRow> {
  const { block } = await loadBlock(stage.table("Margin"), shardOf(accountId, 1));
  const row = block?.rows.find((row) => row.accountId === accountId);
  if (row === undefined) throw new Error(`${accountId} has no row`);
  return row;
}

async function eventsOf(accountId: string): Promise<number[]> {
  const items = await stage.scan("Margin");
  return items
    .filter((item) => item.pk === `ACCOUNT#${accountId}` && String(item.sk).startsWith("EVENT#"))
    .map((item) => Number(String(item.sk).slice(6)))
    .sort((a, b) => a - b);
}

describe("a shard's results", () => {
  it("are not replaced by those of an older snapshot (I1; seen to fail without the superseded check)", async () => {
    const accountId = await open("20000", "-1");
    const calm = await sweepAt(70_000);
    const stressed = await sweepAt(88_000);
    await compute(stressed);
    const before = await rowOf(accountId);
    await compute(calm);
    expect(await rowOf(accountId)).toEqual(before);
    expect(await eventsOf(accountId)).toEqual([1]);
  });

  it("and states are not replaced where a slower writer of an older snapshot passed that check (I1; seen to fail without the version condition of saveBlock)", async () => {
    const accountId = await open("20000", "-1");
    const older = await sweepAt(70_000);
    await compute(older);
    const newer = await sweepAt(88_000);
    const middle = { ...older, reason: "ledger", requested_at: iso(nowMs) } as const;
    await open("20001", "-1", 2, accountId);
    await stage.drain("ShardWork");
    await interject(
      isBlockWrite,
      () => compute(newer),
      () => compute(middle),
    );
    expect((await rowOf(accountId)).severity).not.toBe("NORMAL");
    expect((await loadBlock(stage.table("Margin"), 0)).snapshotId).toBe(newer.snapshot_id);
  });

  it("and calls cannot come from an attempt that a newer one overtook (I1; seen to fail without the check of commitChanges)", async () => {
    const accountId = await open("20000", "-1");
    const stressed = await sweepAt(88_000);
    const calm = await sweepAt(70_000);
    await interject(
      isCommit,
      () => compute(calm),
      () => compute(stressed),
    );
    expect(await rowOf(accountId)).toMatchObject({ severity: "NORMAL", margin: { snapshotId: calm.snapshot_id } });
    expect(await eventsOf(accountId)).toEqual([]);
  });

  it("are the same when a message comes twice: no second event, no second clean sweep (I3; seen to fail when sweepsBefore counts a snapshot twice)", async () => {
    const accountId = await open("6300", "-1");
    const called = await sweepAt(70_000);
    await compute(called);
    await open("60000", "-1", 2, accountId);
    await stage.drain("ShardWork");
    const better = await sweepAt(70_000);
    await compute(better);
    const once = await rowOf(accountId);
    expect(once).toMatchObject({ cleanSweeps: 1 });
    expect(once.severity).not.toBe("NORMAL");
    await compute(better);
    await compute({ ...better, reason: "ledger" });
    expect(await rowOf(accountId)).toEqual(once);
    await open("60001", "-1", 3, accountId);
    const [request] = (await stage.drain("ShardWork")) as ShardWork[];
    await compute(request);
    expect(await rowOf(accountId)).toMatchObject({ cleanSweeps: 1, margin: { ledgerSequence: 3 } });
    await compute(await sweepAt(70_000));
    expect(await rowOf(accountId)).toMatchObject({ severity: "NORMAL", cleanSweeps: 0, sequence: 2, call: null });
    expect(await eventsOf(accountId)).toEqual([1, 2]);
  });

  it("know the state of an account whose row was lost with its block (I3; seen to fail without findStates)", async () => {
    const accountId = await open("6300", "-1");
    await compute(await sweepAt(70_000));
    expect(await eventsOf(accountId)).toEqual([1]);
    for (const sk of ["LATEST", "TRANSITIONS"]) {
      const Key = marshall({ pk: "SHARD#000", sk });
      await stage.dynamodb.send(new DeleteItemCommand({ TableName: "Margin", Key }));
    }
    // Well by now: without its state it would be NORMAL, and its open call forgotten.
    await open("60000", "-1", 2, accountId);
    await stage.drain("ShardWork");
    await compute(await sweepAt(70_000));
    expect(await eventsOf(accountId)).toEqual([1]);
    const row = await rowOf(accountId);
    expect(row).toMatchObject({ sequence: 1, cleanSweeps: 1 });
    expect(row.severity).not.toBe("NORMAL");
  });

  it("replace a block that cannot be read", async () => {
    const accountId = await open("6300", "-1");
    await compute(await sweepAt(70_000));
    await stage.dynamodb.send(
      new UpdateItemCommand({
        TableName: "Margin",
        Key: marshall({ pk: "SHARD#000", sk: "LATEST" }),
        UpdateExpression: "SET #data = :data",
        ExpressionAttributeNames: { "#data": "data" },
        ExpressionAttributeValues: marshall({ ":data": new Uint8Array([9, 9, 9]) }),
      }),
    );
    await compute(await sweepAt(70_000));
    expect(await rowOf(accountId)).toMatchObject({ status: "margined", sequence: 1 });
    expect(await eventsOf(accountId)).toEqual([1]);
  });

  it("margin a touched account again on the same snapshot, and only that one", async () => {
    const touched = await open("20000", "-1");
    const other = await open("30000", "-1");
    const work = await sweepAt(70_000);
    await compute(work);
    const before = await rowOf(other);
    await open("1000", "-1", 2, touched);
    const [request] = (await stage.drain("ShardWork")) as ShardWork[];
    expect(request).toMatchObject({ reason: "ledger", snapshot_id: work.snapshot_id });
    await compute(request);
    expect(await rowOf(touched)).toMatchObject({ sequence: 1, margin: { ledgerSequence: 2 } });
    expect(await rowOf(other)).toEqual(before);
    const state = await findState(stage.table("Margin"), touched);
    expect(state).toMatchObject({ snapshotId: work.snapshot_id, ledgerSequence: 2 });
  });
});

describe("an account that cannot be margined", () => {
  it("does not hold up its shard when its item is poisoned (I9; seen to fail without the catch of readAccount)", async () => {
    const healthy = await open("20000", "-1");
    const poisoned = { pk: "SHARD#000", sk: "ACCOUNT#poison", ledger_sequence: 1, data: new Uint8Array([1, 2, 3]) };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item: marshall(poisoned) }));
    await compute(await sweepAt(70_000));
    expect(await rowOf("poison")).toMatchObject({
      status: "not_margined",
      code: "ledger_unreadable",
      remedy: expect.stringContaining("account_state"),
      lastGood: null,
    });
    expect(await rowOf(healthy)).toMatchObject({ status: "margined" });
  });

  it("does not hold up its shard when its committed state is poisoned (I9)", async () => {
    const poisoned = await open("6300", "-1");
    const healthy = await open("6300", "-1");
    const state = { pk: `ACCOUNT#${poisoned}`, sk: "STATE", severity: "GRAVE" };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item: marshall(state) }));
    await compute(await sweepAt(70_000));
    expect(await rowOf(poisoned)).toMatchObject({ status: "not_margined", code: "state_unreadable" });
    expect(await rowOf(healthy)).toMatchObject({ status: "margined", sequence: 1 });
    const Key = marshall({ pk: state.pk, sk: state.sk });
    await stage.dynamodb.send(new DeleteItemCommand({ TableName: "Margin", Key }));
  });

  it("goes on with the severity that was committed, once its state and its results are lost and the state is back (I3)", async () => {
    const accountId = await open("6300", "-1");
    await compute(await sweepAt(70_000));
    const { severity, call } = await rowOf(accountId);
    expect(call).not.toBeNull();
    const Key = { pk: { S: `ACCOUNT#${accountId}` }, sk: { S: "STATE" } };
    const { Item } = await stage.dynamodb.send(new GetItemCommand({ TableName: "Margin", Key }));
    const poison = { ...Item, severity: { S: "GRAVE" } };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item: poison }));
    await stage.dynamodb.send(
      new DeleteItemCommand({ TableName: "Margin", Key: marshall({ pk: "SHARD#000", sk: "LATEST" }) }),
    );
    await compute(await sweepAt(70_001));
    expect(await rowOf(accountId)).toMatchObject({ status: "not_margined", severity: "NORMAL", call: null });
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item }));
    // With so much paid in nothing would be called anew, and so nothing would bring the committed call to light.
    await open("60000", "-1", 2, accountId);
    await compute(await sweepAt(70_002));
    expect(await rowOf(accountId)).toMatchObject({ status: "margined", severity, call, sequence: 1 });
  });

  it("has a reason when its numbers are beyond money", async () => {
    const accountId = await open("1", "999999999999999999999999999999");
    await compute(await sweepAt(70_000));
    expect(await rowOf(accountId)).toMatchObject({ status: "not_margined", code: "limit_exceeded" });
  });

  it("keeps its severity and its last good margin while prices are blocked (I8; seen to fail without the age check of findConsensus)", async () => {
    const accountId = await open("6300", "-1");
    const work = await sweepAt(70_000);
    await compute(work);
    const good = await rowOf(accountId);
    if (good.status !== "margined") throw new Error("not margined");
    nowMs += settings.quoteMaxAgeMs + 1;
    await compute(await sweepOnStoredQuotes());
    expect(await rowOf(accountId)).toMatchObject({
      status: "not_margined",
      code: expect.stringMatching(/prices_blocked|currency_not_priced/),
      severity: good.severity,
      sequence: 1,
      lastGood: good.margin,
    });
    expect(await eventsOf(accountId)).toEqual([1]);
    // However long it lasts.
    nowMs += minuteMs;
    await compute(await sweepOnStoredQuotes());
    expect(await rowOf(accountId)).toMatchObject({ status: "not_margined", lastGood: good.margin });
    await compute(await sweepAt(70_000));
    expect(await rowOf(accountId)).toMatchObject({ status: "margined", severity: good.severity, sequence: 1 });
  });

  it("counts at its last mark, widened, when the market drops its instrument", async () => {
    const accountId = await open("20000", "-1");
    await compute(await sweepAt(70_000));
    nowMs += minuteMs;
    const withoutPerpetual = btcQuotes(70_000).filter((quote) => quote.instrument_id !== "BTC_USD-PERPETUAL");
    const batch = quoteBatchOf(withoutPerpetual, nowMs);
    await functions.ingestPrices(quoteRequest(batch, nowMs), lambdaContext("IngestPrices"));
    await compute(await sweepOnStoredQuotes());
    // A tenth of 70,000 against it, and a fifth of that as its requirement: feared, so that it warns and no more.
    expect(await rowOf(accountId)).toMatchObject({
      status: "margined",
      severity: "WARNING",
      margin: {
        equity: "13000.00",
        initialMargin: "14000.00",
        incomplete: {
          inDoubt: 1,
          reasons: [
            {
              code: "instrument_not_in_snapshot",
              field: "positions[0].instrument_id",
              value: "BTC_USD-PERPETUAL",
              assumed: "last_good_mark_widened",
              worth: "-7000.00",
            },
          ],
        },
      },
    });
  });
});

describe("a request for a sweep", () => {
  it("joins others of its batch, as of the newest, and fails alone when it does not parse", async () => {
    nowMs += minuteMs;
    const batch = quoteBatchOf([indexQuote("BTC", 70_000)], nowMs);
    await functions.ingestPrices(quoteRequest(batch, nowMs), lambdaContext("IngestPrices"));
    await stage.drain("SweepRequests");
    const request = { schema_version: 1, underlyings: ["BTC"] };
    await stage.send("SweepRequests", { ...request, requested_at: iso(nowMs - 500) });
    await stage.send("SweepRequests", { ...request, requested_at: iso(nowMs) });
    await stage.send("SweepRequests", "{poison");
    expect(await stage.consume("SweepRequests", functions.onRequest)).toBe(2);
    expect(await stage.count("SweepRequests")).toBe(1);
    const works = (await stage.drain("ShardWork")) as ShardWork[];
    expect(works.map((work) => work.requested_at)).toEqual([iso(nowMs)]);
  });
});

/** Lets something happen just before the first write that `isMoment` recognises, while `run` runs. */
async function interject(
  isMoment: (input: object) => boolean,
  interjection: () => Promise<void>,
  run: () => Promise<void>,
): Promise<void> {
  let isWaiting = true;
  stage.dynamodb.middlewareStack.add(
    (next) => async (args) => {
      if (isWaiting && isMoment(args.input)) {
        isWaiting = false;
        await interjection();
      }
      return next(args);
    },
    { step: "initialize", name: "interjection" },
  );
  await run();
  stage.dynamodb.middlewareStack.remove("interjection");
  expect(isWaiting).toBe(false);
}

function isBlockWrite(input: object): boolean {
  return "Item" in input && (input.Item as { sk?: { S?: string } }).sk?.S === "LATEST";
}

function isCommit(input: object): boolean {
  return "TransactItems" in input;
}
