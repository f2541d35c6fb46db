import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { limits, quoteBatchAnswer } from "@plimsoll/schema";
import { findNewestSnapshot, getSnapshot, loadQuotes, loadUnderlyings } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FaultInjector, faultAt } from "../support/faults.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage } from "../support/stage.ts";
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

const dayMs = 86_400_000;
const limit = limits.underlyingsPerStage;

let stage: TestStage;
let functions: Functions;
let faults: FaultInjector;
/** Each test has weeks of its own: processes remember for an hour what they have seen, stages for a month. */
let startMs = openMs - 1_000 * dayMs;

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
  faults = new FaultInjector(stage);
});
beforeEach(async () => {
  startMs += 120 * dayMs;
  faults.plan = { next: () => null };
  await forgetAll();
  await stage.clear();
});
afterAll(() => stage.stop());

/** A stage keeps what underlyings it has when it is cleared; a sweep two months later drops what nobody quotes. */
async function forgetAll(): Promise<void> {
  await post([indexQuote("LAST", 1)], startMs - dayMs);
  await sweep(startMs - dayMs);
}

async function post(quotes: readonly unknown[], atMs: number, remainingMs = 25_000, source = "venue") {
  const context = lambdaContext("IngestPrices", remainingMs);
  return postWith(quotes, atMs, context, source);
}

async function postWith(
  quotes: readonly unknown[],
  atMs: number,
  context: ReturnType<typeof lambdaContext>,
  source = "venue",
) {
  const request = quoteRequest(quoteBatchOf(quotes, atMs, source), atMs);
  const answer = await faults.run(() => functions.ingestPrices(request, context));
  return { status: answer?.statusCode, ...quoteBatchAnswer.parse(JSON.parse(answer?.body ?? "null")) };
}

async function sweep(atMs: number): Promise<void> {
  await faults.run(() => functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule")));
  await stage.consume(
    "ShardWork",
    async (event, context) =>
      (await faults.run(() => functions.computeShard(event, context))) ?? Promise.reject(new Error("killed")),
    { batchSize: 1 },
  );
}

async function sweptUnderlyings(): Promise<string[]> {
  const head = await findNewestSnapshot(stage.table("Market"));
  const { underlyings } = await getSnapshot(stage.table("Market"), head?.snapshotId ?? "");
  return underlyings.map(({ underlying }) => underlying);
}

const coin = (index: number) => `C${String(index).padStart(4, "0")}`;
const coins = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => indexQuote(coin(from + index), 5));

describe("the underlyings of a stage", () => {
  it("are as many as it says, and what is beyond is refused by name while all others go on", async () => {
    const answer = await post(coins(limit + 40), startMs);
    const room = limit - 1;
    expect(answer).toMatchObject({ status: 200, accepted: room });
    expect(answer.rejected).toHaveLength(41);
    expect(answer.rejected[0]).toMatchObject({ path: `quotes[${room}].underlying`, value: coin(room) });
    expect(answer.rejected[0]?.problem).toContain(`one of the ${limit} underlyings and tokens`);
    const marks = btcQuotes(70_000);
    const full = await post([...marks, indexQuote(coin(1), 6)], startMs + 1_000);
    expect(full).toMatchObject({
      status: 200,
      accepted: 1,
      rejected: [
        { path: "quotes[0].underlying", value: "BTC" },
        { path: "quotes", value: `${marks.length - 1} marks of BTC` },
      ],
    });
    const token = await post([{ kind: "redemption_rate", token: "WSTETH", rate: "1.2" }], startMs + 1_000);
    expect(token).toMatchObject({ status: 422, rejected: [{ path: "quotes[0].token", value: "WSTETH" }] });
    expect((await loadQuotes(stage.table("Market"))).quotes).toHaveLength(limit);
    expect((await stage.scan("Market")).filter(({ pk }) => String(pk).includes("BTC"))).toEqual([]);
  });

  it("are as many as it says also when all come at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => post(coins(120, index * 120), startMs, 25_000, `source-${index}`)),
    );
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(limit - 1);
    expect(await loadUnderlyings(stage.table("Market"))).toHaveProperty("size", limit);
  });

  it("are forgotten a month after the last quote, unless an account holds them or an instrument is quoted in them", async () => {
    const usdc = btcQuotes(70_000).map((quote) =>
      quote.instrument_id === "BTC_USD-PERPETUAL" ? { ...quote, quote_currency: "USDC" } : quote,
    );
    const [held, needed, unused] = [indexQuote("DOGE", 1), indexQuote("USDC", 1), indexQuote("LUNA", 80)];
    await post([...usdc, held, needed, unused], startMs);
    const account = accountState("holder", "1000", []);
    const collateral = [
      { asset: "USD", amount: "1000" },
      { asset: "DOGE", amount: "5" },
    ];
    await stage.send("AccountEvents", { ...account, collateral, occurred_at: iso(startMs) });
    await stage.consume(
      "AccountEvents",
      async (event, context) =>
        (await faults.run(() => functions.ingestAccounts(event, context))) ?? Promise.reject(new Error("killed")),
    );
    await sweep(startMs);
    expect(await sweptUnderlyings()).toEqual(expect.arrayContaining(["BTC", "DOGE", "LUNA", "USDC"]));
    for (const day of [29, 31, 32]) {
      await post(usdc, startMs + day * dayMs);
      await sweep(startMs + day * dayMs);
      expect((await sweptUnderlyings()).includes("LUNA")).toBe(day < 32);
    }
    expect(await sweptUnderlyings()).toEqual(["BTC", "DOGE", "USDC"]);
    const history = (await stage.scan("Market")).filter(({ pk }) => pk === "DAILY#LUNA");
    expect(history).toHaveLength(1);
    expect(await post([unused], startMs + 33 * dayMs)).toMatchObject({ accepted: 1 });
    await sweep(startMs + 33 * dayMs);
    expect(await sweptUnderlyings()).toContain("LUNA");
  });
});

describe("what an earlier version has left", () => {
  it("is in the sweeps: underlyings registered one by one, and marks beside the quotes until newer ones come", async () => {
    const market = stage.table("Market");
    await post(btcQuotes(70_000), startMs);
    const items = await stage.scan("Market");
    const marks = items.find(({ pk }) => pk === "MARKS#BTC") ?? {};
    await stage.clear();
    const put = (item: Record<string, unknown>) =>
      market.client.send(new PutItemCommand({ TableName: "Market", Item: marshall(item) }));
    await put({ pk: "UNDERLYING", sk: "OLDIE" });
    await put({ ...marks, pk: "QUOTE#BTC", sk: "venue#MARKS" });
    await put({ pk: "QUOTE#OLDIE", sk: "venue", index_price: "3", observed_at_ms: startMs });
    await post([indexQuote("BTC", 70_000)], startMs);
    await sweep(startMs);
    expect(await sweptUnderlyings()).toEqual(["BTC", "OLDIE"]);
    const head = await findNewestSnapshot(market);
    expect((await getSnapshot(market, head?.snapshotId ?? "")).instruments.length).toBeGreaterThan(10);
    await post(btcQuotes(70_000), startMs + 1_000);
    await sweep(startMs + 1_000);
    const left = (await stage.scan("Market")).filter(({ sk }) => String(sk).endsWith("#MARKS"));
    expect(left).toEqual([]);
    await market.client.send(
      new DeleteItemCommand({ TableName: "Market", Key: marshall({ pk: "UNDERLYING", sk: "OLDIE" }) }),
    );
  });
});

describe("a large batch", () => {
  it("of 5,000 marks over all underlyings of a stage is kept in one request, and swept", async () => {
    const [, perpetual = {}] = btcQuotes(70_000);
    const marks = Array.from({ length: 4_589 }, (_, index) => {
      const underlying = coin(index % (limit - 1));
      return { ...perpetual, underlying, instrument_id: `${underlying}-${index}`, forward_price: "5", mark_price: "5" };
    });
    const quotes = [...coins(limit - 1), ...marks];
    expect(quotes).toHaveLength(5_100);
    const began = performance.now();
    expect(await post(quotes, startMs)).toMatchObject({ status: 200, accepted: 5_100, rejected: [] });
    const kept = performance.now();
    await faults.run(() => functions.onSchedule(tick(startMs), lambdaContext("StartSweepOnSchedule")));
    const swept = performance.now();
    console.info(`5,100 quotes kept in ${Math.round(kept - began)} ms, swept in ${Math.round(swept - kept)} ms`);
    expect(swept - kept).toBeLessThan(25_000);
    await stage.drain("ShardWork");
  });

  it("that does not end in time is kept in a clear part: the answer names the markets to send again", async () => {
    let looks = 0;
    const context = {
      ...lambdaContext("IngestPrices"),
      getRemainingTimeInMillis: () => {
        looks += 1;
        return looks > 30 ? 3_000 : 20_000;
      },
    };
    const answer = await postWith(coins(100), startMs, context);
    const { accepted } = answer;
    expect(answer.status).toBe(200);
    expect(accepted).toBeGreaterThan(20);
    const named = answer.rejected.map(({ path }) => Number(/^quotes\[(\d+)\]$/.exec(path)?.[1]));
    expect(named).toEqual(Array.from({ length: 100 - accepted }, (_, index) => index + accepted));
    const { quotes } = await loadQuotes(stage.table("Market"));
    expect(quotes.filter(({ index }) => index[0]?.indexPrice === 5)).toHaveLength(accepted);
    const late = await post(coins(100), startMs + 1_000, 3_000);
    expect(late).toMatchObject({ status: 503, accepted: 0 });
    expect(late.rejected[0]?.problem).toContain("send them again");
  });

  it("is to be sent again where its underlyings cannot be noted, old and new (seen to fail: it threw, which is a 500)", async () => {
    await post(coins(2), startMs);
    faults.plan = { next: () => "throttled" };
    expect(await post(coins(2), startMs + 1_000)).toMatchObject({ status: 503, accepted: 0 });
    const answer = await post(coins(3), startMs + 2_000);
    const value = expect.stringMatching(/^1 quotes of C/);
    const again = [0, 1, 2].map((index) => ({ path: `quotes[${index}]`, value }));
    expect(answer).toMatchObject({ status: 503, accepted: 0, rejected: again });
    faults.plan = { next: () => null };
    expect(await post(coins(3), startMs + 3_000)).toMatchObject({ status: 200, accepted: 3, rejected: [] });
  });

  it("loses of those that were noted none where a new one cannot be", async () => {
    await post(coins(2), startMs);
    faults.plan = faultAt(1, "throttled");
    expect(await post(coins(3), startMs + 1_000)).toMatchObject({
      status: 200,
      accepted: 2,
      rejected: [{ path: "quotes[2]" }],
    });
  });

  it("loses no more than the market whose write fails", async () => {
    await post(coins(10), startMs);
    faults.plan = faultAt(4, "throttled");
    const answer = await post(coins(10), startMs + 1_000);
    expect(answer).toMatchObject({
      status: 200,
      accepted: 9,
      rejected: [{ value: expect.stringMatching(/^1 quotes of C/) }],
    });
  });
});
