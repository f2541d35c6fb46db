import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { type CallEvent, callEvent, type MarginRow, type ShardWork } from "@plimsoll/schema";
import { findState, loadBlock, unpack } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkOneEventPerTransition } from "../support/checkers.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, btcQuotes, iso, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

const settings = { ...testSettings, shardCount: 1 };
const perpetual = "BTC_USD-PERPETUAL";

let stage: TestStage;
let functions: Functions;
let nowMs = openMs;

beforeAll(async () => {
  stage = await startTestStage(settings);
  functions = await importFunctions();
});
afterAll(() => stage.stop());
beforeEach(async () => {
  await stage.clear();
  nowMs += 600_000;
});

async function sweepAt(price: number): Promise<void> {
  nowMs += 60_000;
  await functions.ingestPrices(
    quoteRequest(quoteBatchOf(btcQuotes(price), nowMs), nowMs),
    lambdaContext("IngestPrices"),
  );
  await stage.drain("ShardWork");
  await functions.onSchedule(tick(nowMs), lambdaContext("StartSweepOnSchedule"));
  const [work] = (await stage.drain("ShardWork")) as ShardWork[];
  await stage.send("ShardWork", work);
  expect(await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 })).toBe(1);
}

/** Sends changes of an account as its events from a sequence on. */
async function send(ledgerSequence: number, ...changes: readonly Record<string, unknown>[]): Promise<void> {
  for (const [index, change] of changes.entries()) {
    const base = {
      schema_version: 1,
      account_id: "a",
      occurred_at: iso(nowMs),
      ledger_sequence: ledgerSequence + index,
    };
    await stage.send("AccountEvents", { ...base, ...change });
  }
  expect(await stage.consume("AccountEvents", functions.ingestAccounts)).toBe(changes.length);
  expect(await stage.count("Rejects")).toBe(0);
}

const open = {
  kind: "pool_opened",
  pool_id: "one",
  pool_kind: "isolated",
  pool_currency: "USD",
  method_id: "portfolio",
};
const move = (amount: string, from_pool_id: string, to_pool_id: string) => {
  return { kind: "pool_transfer", asset: "USD", amount, from_pool_id, to_pool_id };
};
const fill = (pool_id: string, quantity: string, price: string) => {
  return { kind: "fill", pool_id, instrument_id: perpetual, quantity, price };
};

/** An account with a million dollars in its cross pool and 20,000 behind one short perpetual in an isolated one. */
async function openTwoPools(): Promise<void> {
  // Fills are applied by the definitions of a snapshot.
  await sweepAt(70_000);
  const state = accountState("a", "1020000", []);
  await stage.send("AccountEvents", state);
  expect(await stage.consume("AccountEvents", functions.ingestAccounts)).toBe(1);
  await send(2, open, move("20000", "cross", "one"), fill("one", "-1", "70000"), fill("cross", "1", "70000"));
}

async function rows(): Promise<MarginRow[]> {
  const { block } = await loadBlock(stage.table("Margin"), 0);
  return [...(block?.rows ?? [])];
}

async function rowOf(poolId: string): Promise<MarginRow> {
  const row = (await rows()).find((one) => one.poolId === poolId);
  if (row === undefined) throw new Error(`no row of ${poolId}`);
  return row;
}

async function events(): Promise<CallEvent[]> {
  const items = await stage.scan("Margin");
  checkOneEventPerTransition(items, await rows());
  return items
    .filter((item) => String(item.sk).startsWith("EVENT#"))
    .map((item) => callEvent.parse(unpack(item.data)))
    .sort((a, b) => a.sequence - b.sequence);
}

describe("the pools of an account", () => {
  it("are margined and called each by itself: what the cross pool has pays nothing in another", async () => {
    await openTwoPools();
    await sweepAt(70_000);
    expect(await rowOf("cross")).toMatchObject({ severity: "NORMAL", margin: { equity: "1000000.00" } });
    expect(await rowOf("one")).toMatchObject({ severity: "NORMAL", margin: { equity: "20000.00" } });
    await sweepAt(85_000);
    expect(await rowOf("cross")).toMatchObject({ severity: "NORMAL", sequence: 0, margin: { equity: "1015000.00" } });
    expect(await rowOf("one")).toMatchObject({ severity: "LIQUIDATION", sequence: 1, margin: { equity: "5000.00" } });
    const [event] = await events();
    expect(event).toMatchObject({
      event_id: "a/one/1",
      call_id: "MC-a/one-1",
      account_id: "a",
      pool_id: "one",
      title: "[local] Liquidation — account a, pool one (USD pool)",
      text: expect.stringContaining("into pool one or reduce positions"),
    });
    expect(await findState(stage.table("Margin"), "a/one")).toMatchObject({ severity: "LIQUIDATION", sequence: 1 });
    expect(await findState(stage.table("Margin"), "a")).toBeUndefined();
  });

  it("lose at most what was put into them: beyond that a pool is bankrupt and the others stand", async () => {
    await openTwoPools();
    for (const price of [80_000, 92_000]) await sweepAt(price);
    expect(await rowOf("one")).toMatchObject({ severity: "BANKRUPT", margin: { equity: "-2000.00" } });
    expect(await rowOf("cross")).toMatchObject({ severity: "NORMAL", margin: { equity: "1022000.00" } });
  });

  it("have calls of their own at once, and a transfer cures the one it pays for", async () => {
    await openTwoPools();
    await send(6, fill("cross", "19", "70000"), { kind: "transfer", asset: "USD", amount: "-850000" });
    await sweepAt(70_000);
    await sweepAt(71_000);
    expect((await rowOf("cross")).severity).not.toBe("NORMAL");
    await sweepAt(85_000);
    await sweepAt(85_001);
    await send(8, move("60000", "cross", "one"));
    for (const price of [85_000, 85_001, 85_002]) await sweepAt(price);
    expect(await rowOf("one")).toMatchObject({ severity: "NORMAL", call: null, margin: { equity: "64998.00" } });
    const told = (await events()).map(({ pool_id, event_type }) => `${pool_id} ${event_type}`);
    expect(told).toContain("one margin.call.cured");
    expect(told.filter((line) => line === "cross margin.call.opened")).toHaveLength(1);
  });

  it("are cured of their call when they are closed, and then forgotten", async () => {
    await openTwoPools();
    await sweepAt(85_000);
    await send(6, fill("one", "1", "85000"), move("5000", "one", "cross"), { kind: "pool_closed", pool_id: "one" });
    await sweepAt(85_000);
    expect(await rowOf("one")).toMatchObject({ severity: "LIQUIDATION", margin: { equity: "0.00" } });
    await sweepAt(85_001);
    expect((await rows()).map(({ poolId }) => poolId)).toEqual(["cross"]);
    expect((await events()).map((event) => event.event_type)).toEqual(["margin.call.opened", "margin.call.cured"]);
    await sweepAt(85_002);
    expect(await rows()).toHaveLength(1);
    await send(9, open, move("1", "cross", "one"), fill("one", "-1", "85000"));
    await sweepAt(85_000);
    expect(await rowOf("one")).toMatchObject({ sequence: 3, margin: { equity: "1.00" } });
  });

  it("keep their severity with a reason while their account cannot be read (I2, I8)", async () => {
    await openTwoPools();
    await sweepAt(85_000);
    const item = (await stage.scan("Ledger"))[0];
    const broken = marshall({ ...item, data: new Uint8Array([1]) });
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item: broken }));
    await sweepAt(85_001);
    for (const [poolId, severity] of [
      ["cross", "NORMAL"],
      ["one", "LIQUIDATION"],
    ] as const) {
      expect(await rowOf(poolId)).toMatchObject({ status: "not_margined", code: "ledger_unreadable", severity });
    }
    expect(await events()).toHaveLength(1);
  });
});

describe("open orders of a pool", () => {
  const order = (order_id: string, quantity: string, instrument_id = perpetual) => {
    return { order_id, instrument_id, quantity, price: "70000" };
  };
  const projectedOf = async (poolId: string) => {
    const row = await rowOf(poolId);
    if (row.status !== "margined") throw new Error(row.code);
    const { initialMargin, maintenanceMargin, projectedInitialMargin, notProjected } = row.margin;
    return { initialMargin, maintenanceMargin, projectedInitialMargin, notProjected, severity: row.severity };
  };

  it("raise the projected initial margin beside the actual one, never maintenance and never the severity", async () => {
    await openTwoPools();
    await sweepAt(70_000);
    const before = await projectedOf("one");
    expect(before).toMatchObject({ projectedInitialMargin: null, notProjected: null });
    await send(6, { kind: "orders", pool_id: "one", placed: [order("1", "-9")], cancelled_order_ids: [] });
    await sweepAt(70_000);
    const after = await projectedOf("one");
    expect(after).toMatchObject({ ...before, projectedInitialMargin: expect.any(String) });
    expect(Number(after.projectedInitialMargin)).toBeGreaterThan(9 * Number(before.initialMargin));
    expect(await projectedOf("cross")).toMatchObject({ projectedInitialMargin: null });
  });

  it("fill into positions at once, and ask nothing when they only reduce", async () => {
    await openTwoPools();
    await send(6, { kind: "orders", pool_id: "one", placed: [order("1", "-3"), order("2", "1")] });
    await send(7, { ...fill("one", "-3", "70000"), order_id: "1" });
    await sweepAt(70_000);
    const { initialMargin, projectedInitialMargin } = await projectedOf("one");
    expect(Number(initialMargin)).toBeGreaterThan(0);
    expect(projectedInitialMargin).toBe(initialMargin);
  });

  it("that cannot be projected say why, and leave the margin of what is held", async () => {
    await openTwoPools();
    await send(6, { kind: "orders", placed: [order("1", "1", "BTC-GONE")] });
    await sweepAt(70_000);
    expect(await projectedOf("cross")).toMatchObject({
      projectedInitialMargin: null,
      notProjected: { code: "instrument_not_in_snapshot", field: "open_orders[0].instrument_id", value: "BTC-GONE" },
      severity: "NORMAL",
    });
  });
});
