import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, ask, createRequestsTable } from "../support/api.ts";
import { lambdaContext, startTestStage, type TestStage } from "../support/stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Awaited<ReturnType<typeof importFunctions>>;

async function importFunctions() {
  return {
    ingestPrices: (await import("../../functions/ingest-prices.ts")).handler,
    ingestAccounts: (await import("../../functions/ingest-accounts.ts")).handler,
    startSweep: await import("../../functions/start-sweep.ts"),
    computeShard: (await import("../../functions/compute-shard.ts")).handler,
    reads: (await import("../../functions/answer-reads.ts")).handler,
    questions: (await import("../../functions/answer-questions.ts")).handler,
    takes: (await import("../../functions/take-accounts.ts")).handler,
    describe: (await import("../../functions/describe-api.ts")).handler,
  };
}

const askedMs = openMs + 5_000;
const read = (route: string, asked: Partial<Asked> = {}) => ask(functions.reads, route, { atMs: askedMs, ...asked });
const question = (route: string, asked: Partial<Asked> = {}) =>
  ask(functions.questions, route, { atMs: askedMs, ...asked });
const take = (route: string, asked: Partial<Asked> = {}) => ask(functions.takes, route, { atMs: askedMs, ...asked });

beforeAll(async () => {
  stage = await startTestStage();
  await createRequestsTable(stage);
  functions = await importFunctions();
  await functions.ingestPrices(
    quoteRequest(quoteBatchOf(btcQuotes(70_000), openMs), openMs),
    lambdaContext("IngestPrices"),
  );
  const short = accountState("short", "7500", [{ id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" }]);
  for (const state of [accountState("safe", "100000", []), short]) {
    const taken = await take(`PUT /v1/accounts/${state.account_id}`, { body: state });
    expect(taken).toMatchObject({ status: 202, body: { account_id: state.account_id, events: 1 } });
  }
  expect(await stage.consume("AccountEvents", functions.ingestAccounts)).toBe(2);
  await functions.startSweep.onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
  expect(await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 })).toBe(4);
});

afterAll(() => stage.stop());

describe("the routes", () => {
  it.each([
    ["GET /v1/accounts/short"],
    ["GET /v1/accounts/short/margin"],
    ["GET /v1/accounts/short/history"],
    ["GET /v1/accounts"],
    ["GET /v1/summary"],
    ["GET /v1/calls"],
    ["GET /v1/accounts/short/calls"],
    ["GET /v1/calls/MC-short-1"],
    ["GET /v1/market"],
    ["GET /v1/market/BTC/surface"],
    ["GET /v1/parameters"],
    ["GET /v1/health"],
    ["GET /v1/time"],
    ["GET /v1/limits"],
  ])("read: %s", async (route) => {
    const answer = await read(route);
    expect(answer).toMatchObject({ status: 200 });
  });

  it.each([
    ["GET /v1/accounts/short/scenarios"],
    ["GET /v1/accounts/short/ladder"],
    ["GET /v1/accounts/short/cures"],
    ["GET /v1/accounts/short/explain"],
    ["GET /v1/accounts/short/positions"],
    ["GET /v1/methods"],
  ])("question: %s", async (route) => {
    const answer = await question(route);
    expect(answer).toMatchObject({ status: 200 });
  });

  it("says what a trade would make of an account, and what it settles at", async () => {
    const fills = [{ instrument_id: "BTC_USD-PERPETUAL", quantity: "0.5" }];
    const answer = await question("POST /v1/margin/simulate", { body: { account_id: "short", changes: { fills } } });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        before: { severity: "WARNING", margin: { initial_margin: "7000.00" } },
        after: { severity: "WARNING", settles_at: "NORMAL", margin: { initial_margin: "3500.00" } },
        difference: {
          initial_margin: "-3500.00",
          components: [{ name: "scan_risk", before: "7000.00", after: "3500.00", difference: "-3500.00" }],
        },
      },
    });
    const batch = await question("POST /v1/margin/simulate/batch", {
      body: { account_id: "short", candidates: [{ fills }, { fills: [{ instrument_id: "X", quantity: "1" }] }] },
    });
    const { call_prices: _, ...after } = answer.body.after;
    expect(batch.body.results).toEqual([
      { index: 0, after, difference: answer.body.difference },
      { index: 1, rejected: expect.objectContaining({ field: "fills[0].instrument_id", value: "X" }) },
    ]);
  });

  it("margins a free portfolio in a moved market", async () => {
    const answer = await question("POST /v1/margin/simulate", {
      body: {
        portfolio: { positions: [{ instrument_id: "BTC_USD-PERPETUAL", quantity: "1" }] },
        market: { prices: [{ underlying: "BTC", move_pct: "-10" }], days_forward: 1 },
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { account_id: null, before: { margin: { equity: "0.00" } }, after: { margin: { equity: "-7000.00" } } },
    });
  });

  it("margins by parameters that are changed for the question", async () => {
    const simulate = async (parameters: unknown) =>
      question("POST /v1/margin/simulate", { body: { account_id: "short", parameters, call_prices: false } });
    const wider = await simulate({ scan: [{ underlying: "BTC", price_scan_range: 0.2 }] });
    expect(wider).toMatchObject({
      status: 200,
      body: {
        parameters_version: expect.stringMatching(/^what-if-[0-9a-f]{12}$/),
        before: { margin: { initial_margin: "7000.00" } },
        after: { margin: { initial_margin: "14000.00" } },
      },
    });
    expect(await simulate({ scan: [{ underlying: "BTC", price_scan_range: -1 }] })).toMatchObject({
      status: 422,
      body: { errors: [{ field: "parameters.scan[0].price_scan_range", value: "-1" }] },
    });
    expect(await simulate({ scann: [] })).toMatchObject({
      status: 422,
      body: { errors: [{ field: "parameters.scann" }] },
    });
    expect((await simulate({})).body.after.margin).toEqual(wider.body.before.margin);
  });

  it("checks orders by what the worst of their fills would need", async () => {
    const order = (quantity: string) => ({
      order_id: "o1",
      instrument_id: "BTC_USD-PERPETUAL",
      quantity,
      price: "70000",
    });
    const check = async (account_id: string, quantity: string) =>
      (await question("POST /v1/orders/check", { body: { account_id, orders: [order(quantity)] } })).body;
    expect(await check("safe", "-1")).toMatchObject({ accepted: true, rule: "initial_margin_covered" });
    expect(await check("safe", "-100")).toMatchObject({ accepted: false, rule: "initial_margin_exceeded" });
    expect(await check("short", "-1")).toMatchObject({ accepted: false, rule: "initial_margin_exceeded" });
    expect(await check("short", "1")).toMatchObject({ accepted: true, rule: "reduces_risk" });
    expect(await check("short", "1.5")).toMatchObject({ reduces_risk: false });
  });

  it("document", async () => {
    const answer = await ask(functions.describe, "GET /v1/openapi.json", { atMs: askedMs, as: "anyone" });
    expect(answer).toMatchObject({ status: 200, body: { openapi: "3.1.0" } });
  });
});
