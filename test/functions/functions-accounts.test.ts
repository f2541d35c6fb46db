import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { defaultParameters } from "@plimsoll/risk";
import { rejectedInput, type ShardWork, shardOf } from "@plimsoll/schema";
import { findAccount, saveAccount } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, queueRecord, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, btcQuotes, iso, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
});
afterAll(() => stage.stop());
beforeEach(async () => {
  await stage.drain("Rejects");
  await stage.drain("ShardWork");
});

/** Sends events as one batch and returns how many were acknowledged. */
async function ingest(...events: readonly unknown[]): Promise<number> {
  for (const event of events) await stage.send("AccountEvents", event);
  const acknowledged = await stage.consume("AccountEvents", functions.ingestAccounts);
  await stage.drain("AccountEvents");
  return acknowledged;
}

async function held(accountId: string) {
  const stored = await findAccount(stage.table("Ledger"), accountId, testSettings.shardCount);
  return stored?.account;
}

function transfer(accountId: string, ledgerSequence: number, amount: string) {
  const base = { schema_version: 1, account_id: accountId, ledger_sequence: ledgerSequence };
  return { kind: "transfer", ...base, occurred_at: iso(openMs + 5_000), asset: "USD", amount };
}

function fill(accountId: string, ledgerSequence: number, instrumentId: string) {
  const base = { schema_version: 1, account_id: accountId, ledger_sequence: ledgerSequence };
  const trade = { instrument_id: instrumentId, quantity: "2", price: "70000" };
  return { kind: "fill", ...base, occurred_at: iso(openMs + 5_000), ...trade };
}

const orderOfNothing = {
  kind: "orders",
  instrument_id: undefined,
  quantity: undefined,
  price: undefined,
  placed: [{ order_id: "1", instrument_id: "X", quantity: "0", price: "1" }],
};

describe("account events before the first sweep", () => {
  it("apply each once, in order of their sequence, however the queue delivers them", async () => {
    const events = [
      transfer("a", 3, "-30"),
      accountState("a", "100", []),
      transfer("a", 2, "5"),
      transfer("a", 2, "5"),
    ];
    expect(await ingest(...events)).toBe(4);
    expect(await held("a")).toMatchObject({ ledgerSequence: 3, collateral: [{ asset: "USD", amount: "75" }] });
    expect(await stage.count("ShardWork")).toBe(0);
  });

  it("never let an older event change the account (I1; seen to fail without the duplicate check of applyEvent)", async () => {
    await ingest(accountState("b", "100", [], 5));
    expect(await ingest(accountState("b", "999", [], 4), accountState("b", "999", [], 5))).toBe(2);
    expect(await held("b")).toMatchObject({ ledgerSequence: 5, collateral: [{ amount: "100" }] });
  });

  it("keep an event for later while one before it is missing, without a message that waits for it", async () => {
    expect(await ingest(accountState("c", "100", []), transfer("c", 3, "1"))).toBe(2);
    expect(await held("c")).toMatchObject({ ledgerSequence: 1 });
    expect(await ingest(transfer("c", 2, "1"))).toBe(1);
    expect(await held("c")).toMatchObject({ ledgerSequence: 3, collateral: [{ amount: "102" }] });
  });

  it.each([
    ["no JSON", "{not json", "$"],
    ["the largest safe integer as a sequence", accountState("d", "1", [], 2 ** 53 - 1), "ledger_sequence"],
    ["a first sequence beyond any counter", accountState("d", "1", [], 2 ** 52 + 1), "ledger_sequence"],
    ["a sequence far ahead of the one held", accountState("a", "1", [], 1_000_000_004), "ledger_sequence"],
    ["a sequence of zero", { ...accountState("d", "1", []), ledger_sequence: 0 }, "ledger_sequence"],
    ["an exponent", accountState("d", "1e9", []), "collateral[0].amount"],
    ["a hundred thousand digits", accountState("d", "9".repeat(100_000), []), "collateral[0].amount"],
    ["NaN", accountState("d", "NaN", []), "collateral[0].amount"],
    ["an infinity", { ...fill("d", 2, "BTC-PERPETUAL"), price: "Infinity" }, "price"],
    ["a negative price", { ...fill("d", 2, "BTC-PERPETUAL"), price: "-1" }, "price"],
    ["a price of zero", { ...fill("d", 2, "BTC-PERPETUAL"), price: "0" }, "price"],
    [
      "an instrument held twice",
      accountState("d", "1", Array(2).fill({ id: "BTC-PERPETUAL", quantity: "1", entry: "1" })),
      "positions[1].instrument_id",
    ],
    ["a fill of nothing", { ...fill("d", 2, "BTC-PERPETUAL"), quantity: "0" }, "quantity"],
    ["an order of nothing", { ...fill("d", 2, "X"), ...orderOfNothing }, "placed[0].quantity"],
    ["a fill of an unknown instrument", fill("a", 4, "NO-SUCH"), "instrument_id"],
    [
      "more positions than an account may have",
      accountState(
        "d",
        "1",
        Array.from({ length: 1_001 }, (_, n) => ({ id: `I${n}`, quantity: "1", entry: "1" })),
      ),
      "positions",
    ],
  ])("keep %s with its reason and go on with the batch (I9)", async (_, bad, path) => {
    const before = await held("e");
    const sequence = (before?.ledgerSequence ?? 0) + 1;
    expect(await ingest(bad, accountState("e", "1", [], sequence))).toBe(2);
    expect(await held("e")).toMatchObject({ ledgerSequence: sequence });
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept).toMatchObject({ origin: "account_events", refusals: [{ path }] });
    expect(kept?.body).not.toBeNull();
  });

  it("are given back untouched when the invocation runs out of time", async () => {
    const records = [queueRecord(JSON.stringify(accountState("late", "100", [])), "m")];
    const answer = await functions.ingestAccounts({ Records: records }, lambdaContext("IngestAccounts", 1_999));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m" }] });
    expect(await held("late")).toBeUndefined();
  });

  it("let only a newer state replace an account that cannot be read", async () => {
    await ingest(accountState("f", "100", []));
    const broken = {
      pk: `SHARD#00${shardOf("f", testSettings.shardCount)}`,
      sk: "ACCOUNT#f",
      ledger_sequence: 2,
      data: new Uint8Array([1, 2, 3]),
    };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item: marshall(broken) }));
    // Seen to fail without the look at the sequence that is left of it: the state of before it broke.
    expect(await ingest(transfer("f", 3, "1"), accountState("f", "100", []), accountState("f", "150", [], 2))).toBe(3);
    expect(await held("f")).toBeNull();
    expect(await ingest(accountState("f", "200", [], 3))).toBe(1);
    expect(await held("f")).toMatchObject({ ledgerSequence: 3, collateral: [{ amount: "200" }] });
  });
});

describe("a full shard", () => {
  const shard = 1;
  const names = Array.from({ length: 100 }, (_, index) => `full-${index}`).filter(
    (name) => shardOf(name, testSettings.shardCount) === shard,
  );
  const [first = "", second = "", third = ""] = names;
  const holdings = { collateral: [], positions: [], openOrders: [] };
  const empty = { ledgerSequence: 1, poolCurrency: "USD", methodId: "portfolio", ...holdings, pools: [] } as const;

  async function counted(): Promise<number> {
    const items = await stage.scan("Ledger");
    return Number(items.find(({ pk, sk }) => pk === "SHARD#001" && sk === "PLACES")?.accounts ?? 0);
  }

  it("counts an account once, whoever else tried to make it", async () => {
    const ledger = stage.table("Ledger");
    const before = await counted();
    const account = { ...empty, accountId: second };
    expect(await saveAccount(ledger, account, 0, testSettings.shardCount)).toBe(true);
    expect(await saveAccount(ledger, account, 0, testSettings.shardCount)).toBe(false);
    expect(await counted()).toBe(before + 1);
  });

  it("takes the account that fills it, gives the next one back for the dead letters, and still updates its own", async () => {
    const places = { pk: "SHARD#001", sk: "PLACES", accounts: 4_999 };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item: marshall(places) }));
    expect(await ingest(accountState(first, "100", []))).toBe(1);
    expect(await ingest(accountState(third, "100", []), transfer(first, 2, "5"))).toBe(1);
    expect(await held(third)).toBeUndefined();
    expect(await held(first)).toMatchObject({ ledgerSequence: 2 });
    expect(await stage.drain("Rejects")).toEqual([]);
    const tooMany = saveAccount(stage.table("Ledger"), { ...empty, accountId: third }, 0, testSettings.shardCount);
    await expect(tooMany).rejects.toThrow(`${third} belongs to shard 1, which holds 5000 accounts`);
  });
});

describe("account events after a sweep", () => {
  let snapshotId: string;

  beforeAll(async () => {
    const quotes = quoteBatchOf(btcQuotes(70_000), openMs);
    await functions.ingestPrices(quoteRequest(quotes, openMs), lambdaContext("IngestPrices"));
    await functions.onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
    const [work] = (await stage.drain("ShardWork")) as ShardWork[];
    snapshotId = work?.snapshot_id ?? "";
  });

  it("have each shard they touch margined again on the newest snapshot, once", async () => {
    const events = [accountState("g", "100", []), transfer("g", 2, "1"), transfer("g", 2, "1")];
    // One batch, as AWS hands over what a group has; the emulator gives one message of a group at a time.
    const Records = events.map((event, index) =>
      queueRecord(JSON.stringify(event), `g-${index}`, { SentTimestamp: String(Date.now()), MessageGroupId: "g" }),
    );
    await functions.ingestAccounts({ Records }, lambdaContext("IngestAccounts"));
    expect(await stage.drain("ShardWork")).toEqual([
      {
        schema_version: 1,
        snapshot_id: snapshotId,
        parameters_version: expect.stringContaining(`${defaultParameters.parametersVersion}-`),
        shard: shardOf("g", testSettings.shardCount),
        shard_count: testSettings.shardCount,
        reason: "ledger",
        requested_at: iso(openMs + 5_000),
      },
    ]);
  });

  it("ask as of their arrival where they are dated ahead of it (seen to fail without the bound of TouchedShards)", async () => {
    const event = { ...accountState("dated", "100", []), occurred_at: "2999-01-01T00:00:00Z" };
    const Records = [
      queueRecord(JSON.stringify(event), "dated", { SentTimestamp: String(openMs + 7_000), MessageGroupId: "dated" }),
    ];
    await functions.ingestAccounts({ Records }, lambdaContext("IngestAccounts"));
    expect(await stage.drain("ShardWork")).toMatchObject([{ requested_at: iso(openMs + 7_000) }]);
  });

  it("ask again when an event is repeated: the first request may have been lost", async () => {
    await ingest(accountState("h", "100", []));
    await stage.drain("ShardWork");
    await ingest(accountState("h", "100", []));
    expect(await stage.count("ShardWork")).toBe(1);
  });

  it("come out the same for orders that are repeated, delayed and shuffled (I1, I11)", async () => {
    const order = (id: string, quantity: string) => {
      return { order_id: id, instrument_id: "BTC-PERPETUAL", quantity, price: "70000" };
    };
    const orders = (accountId: string, ledgerSequence: number, change: Record<string, unknown>) => {
      const base = { schema_version: 1, account_id: accountId, ledger_sequence: ledgerSequence };
      return { kind: "orders", ...base, occurred_at: iso(openMs + 5_000), ...change };
    };
    const eventsOf = (accountId: string) => [
      accountState(accountId, "100", []),
      orders(accountId, 2, { placed: [order("1", "5"), order("2", "-1")] }),
      orders(accountId, 3, { placed: [order("1", "4")], cancelled_order_ids: ["2"] }),
      { ...fill(accountId, 4, "BTC-PERPETUAL"), order_id: "1" },
    ];
    const [first, second, third, last] = eventsOf("k");
    expect(await ingest(third, last, second, first, second, last)).toBe(6);
    expect(await ingest(third, first, last)).toBe(3);
    expect(await ingest(...eventsOf("l"))).toBe(4);
    const expected = {
      ledgerSequence: 4,
      openOrders: [{ orderId: "1", instrumentId: "BTC-PERPETUAL", quantity: "2", price: "70000" }],
      positions: [{ instrumentId: "BTC-PERPETUAL", quantity: "2", entryPrice: "70000" }],
    };
    expect(await held("k")).toMatchObject(expected);
    expect(await held("l")).toMatchObject(expected);
  });

  it("apply fills by the definitions of the newest snapshot", async () => {
    await ingest(accountState("i", "100", []), fill("i", 2, "BTC-PERPETUAL"));
    expect((await held("i"))?.positions).toEqual([
      { instrumentId: "BTC-PERPETUAL", quantity: "2", entryPrice: "70000" },
    ]);
  });

  // Seen to fail: nothing was said beyond "an instrument of the latest snapshot, or an account_state that includes the trade".
  it.each([
    ["BTC-PERPETAUL", "; the nearest known: BTC-PERPETUAL"],
    ["BTC-30JAN26-70000-C", "; BTC-30JAN26-70000-C expired on 2026-01-30 08:00 UTC"],
  ])("refuse a fill of %s with what is known of it", async (instrumentId, said) => {
    await ingest(accountState(`names-${instrumentId}`, "100", []), fill(`names-${instrumentId}`, 2, instrumentId));
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept?.refusals[0]?.problem).toContain(said);
  });

  it("settle funding up to a trade and by its own event, and refuse a trade that does not say how far", async () => {
    // A perpetual that pays coin: what it held before the first index was the venue's to book.
    const trade = { ...fill("i", 3, "BTC-PERPETUAL"), funding_index: "0.5" };
    const { quantity: _q, price: _p, ...base } = trade;
    await ingest(trade, { ...base, kind: "funding", ledger_sequence: 4, funding_index: "0.50125" });
    expect(await held("i")).toMatchObject({
      ledgerSequence: 4,
      collateral: [
        { asset: "BTC", amount: "-0.005" },
        { asset: "USD", amount: "100" },
      ],
      positions: [{ quantity: "4", fundingIndex: "0.50125" }],
    });
    await ingest(fill("i", 5, "BTC-PERPETUAL"));
    expect(await held("i")).toMatchObject({ ledgerSequence: 4, positions: [{ quantity: "4" }] });
  });
});
