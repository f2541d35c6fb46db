import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { findAccountRows } from "@plimsoll/app";
import { type ShardWork, toWire } from "@plimsoll/schema";
import { loadBlock, PartMemory } from "@plimsoll/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainReport } from "../../packages/cli/src/explain/explain-report.ts";
import { runPlimsoll } from "../support/cli.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;
let nowMs = openMs;

beforeAll(async () => {
  stage = await startTestStage({ ...testSettings, shardCount: 1 });
  functions = await importFunctions();
});
afterAll(() => stage.stop());

async function sweepAt(price: number): Promise<void> {
  nowMs += 60_000;
  const batch = quoteBatchOf(btcQuotes(price), nowMs);
  await functions.ingestPrices(quoteRequest(batch, nowMs), lambdaContext("IngestPrices"));
  await stage.drain("ShardWork");
  await functions.onSchedule(tick(nowMs), lambdaContext("StartSweepOnSchedule"));
  const [work] = (await stage.drain("ShardWork")) as ShardWork[];
  await stage.send("ShardWork", work);
  expect(await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 })).toBe(1);
}

const explain = (...words: string[]) => runPlimsoll(".", ["explain", ...words]);

describe("plimsoll explain of an account of a stage", () => {
  it("recomputes its stored result, and says what changed since its last call event", async () => {
    const tables = ["--tables", "Market,Margin,Ledger"];
    expect((await explain("a", ...tables)).err).toContain("Margin has no completed sweep");
    await sweepAt(70_000);
    await stage.send(
      "AccountEvents",
      accountState("a", "7800", [{ id: "BTC_USD-PERPETUAL", quantity: "1", entry: "70000" }]),
    );
    expect(await stage.consume("AccountEvents", functions.ingestAccounts)).toBe(1);
    await sweepAt(69_000);
    await sweepAt(68_500);

    const run = await explain("a", ...tables, "--json");
    expect(run).toMatchObject({ code: 0, err: "" });
    const report = explainReport.parse(JSON.parse(run.out));
    const { block } = await loadBlock(stage.table("Margin"), 0);
    const [row] = block?.rows ?? [];
    if (row?.status !== "margined") throw new Error("not margined");
    const { notProjected: _, projectedInitialMargin: _p, ...stored } = row.margin;
    expect(report.margin).toMatchObject(toWire(stored));
    expect(report.severity).toBe(row.severity);
    expect(row.severity).not.toBe("NORMAL");
    const moved = report.change?.rows.filter(({ equity }) => Number(equity) !== 0).map(({ step }) => step);
    expect(moved).toEqual(["prices"]);
    expect(report.change?.total.equity).toBe("-500.00");
    expect(report.cures.list.map(({ kind }) => kind)).toContain("deposit");
  });

  it("says what is not there", async () => {
    expect((await explain("nobody", "--tables", "Market,Margin,Ledger")).err).toContain(
      "account nobody: no such pool with a result",
    );
    expect(await explain("a", "--tables", "Market")).toMatchObject({ code: 2 });
    expect(await explain("a")).toMatchObject({ code: 2 });
  });

  it("rests on the account's own rows, and says so where they cannot be read", async () => {
    const margin = stage.table("Margin");
    const { snapshotId, block } = await loadBlock(margin, 0);
    const rows = block?.rows.filter(({ accountId }) => accountId === "a");
    expect(rows).toHaveLength(1);
    expect(await findAccountRows(margin, "a", 1, nowMs, new PartMemory())).toMatchObject({ snapshotId, rows });
    const { Item } = await stage.dynamodb.send(
      new GetItemCommand({ TableName: "Margin", Key: { pk: { S: "SHARD#000" }, sk: { S: "LATEST" } } }),
    );
    const broken = { ...Item, data: { B: new Uint8Array([9, 9, 9]) } };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item: broken }));
    expect((await explain("a", "--tables", "Market,Margin,Ledger")).err).toContain(
      "account a: the results of shard 0 cannot be read: ",
    );
  });
});
