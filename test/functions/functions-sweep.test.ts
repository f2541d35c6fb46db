import { callEvent, snapshotTimeMs } from "@plimsoll/schema";
import { findNewestSnapshot, loadBlock } from "@plimsoll/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  contextAt,
  lambdaContext,
  queueRecord,
  startTestStage,
  streamRecord,
  type TestStage,
} from "../support/stage.ts";
import { accountState, btcQuotes, iso, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Awaited<ReturnType<typeof importFunctions>>;

async function importFunctions() {
  return {
    ingestPrices: (await import("../../functions/ingest-prices.ts")).handler,
    ingestAccounts: (await import("../../functions/ingest-accounts.ts")).handler,
    startSweep: await import("../../functions/start-sweep.ts"),
    computeShard: (await import("../../functions/compute-shard.ts")).handler,
    publishCalls: (await import("../../functions/publish-calls.ts")).handler,
  };
}

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
});

afterAll(() => stage.stop());

describe("a sweep, from quotes and accounts to published calls", () => {
  it("margins every account and calls the one that cannot carry its short", async () => {
    const posted = await functions.ingestPrices(
      quoteRequest(quoteBatchOf(btcQuotes(70_000), openMs), openMs),
      lambdaContext("IngestPrices"),
    );
    expect(JSON.parse(posted.body ?? "")).toMatchObject({ accepted: btcQuotes(1).length, rejected: [] });

    await stage.send("AccountEvents", accountState("safe", "100000", []));
    await stage.send(
      "AccountEvents",
      accountState("short", "7500", [{ id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" }]),
    );
    expect(await stage.consume("AccountEvents", functions.ingestAccounts)).toBe(2);

    await functions.startSweep.onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
    expect(await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 })).toBe(4);

    const blocks = await Promise.all([0, 1, 2, 3].map((shard) => loadBlock(stage.table("Margin"), shard)));
    const rows = blocks.flatMap(({ block }) => block?.rows ?? []);
    expect(rows.map(({ accountId, status, severity }) => ({ accountId, status, severity }))).toEqual(
      expect.arrayContaining([
        { accountId: "safe", status: "margined", severity: "NORMAL" },
        { accountId: "short", status: "margined", severity: expect.not.stringMatching("NORMAL") },
      ]),
    );

    const records = await stage.readStream();
    const events = records.filter(({ dynamodb }) => dynamodb?.Keys?.sk?.S?.startsWith("EVENT#"));
    expect(events).toHaveLength(1);
    const answer = await functions.publishCalls({ Records: events.map(streamRecord) }, lambdaContext("PublishCalls"));
    expect(answer).toEqual({ batchItemFailures: [] });
    const [told] = (await stage.drain("Published")).map((message) => callEvent.parse(message));
    expect(told).toMatchObject({ account_id: "short", sequence: 1, environment: "local", occurred_at: iso(openMs) });
  });

  it("is as of the arrival that the local stage gives, not as of the tick, and never ahead of the clock", async () => {
    const { onSchedule, onRequest } = functions.startSweep;
    const newest = async () => snapshotTimeMs((await findNewestSnapshot(stage.table("Market")))?.snapshotId ?? "");
    await onSchedule(tick(openMs + 60_000), contextAt("StartSweepOnSchedule", openMs + 119_000));
    expect(await newest()).toBe(openMs + 119_000);
    const request = { schema_version: 1, underlyings: ["BTC"], requested_at: iso(openMs + 130_000) };
    const records = [queueRecord(JSON.stringify(request))];
    await onRequest({ Records: records }, contextAt("StartSweepOnRequest", openMs + 140_000));
    expect(await newest()).toBe(openMs + 140_000);
    const before = Date.now();
    await onSchedule(tick(before + 600_000), contextAt("StartSweepOnSchedule", before + 600_000));
    expect(await newest()).toBeGreaterThanOrEqual(before);
    expect(await newest()).toBeLessThanOrEqual(Date.now());
  });
});
