import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, queueRecord, startTestStage, type TestStage } from "../support/stage.ts";
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

const minuteMs = 60_000;

let stage: TestStage;
let functions: Functions;
beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  stage = await startTestStage();
  functions = await importFunctions();
});
beforeEach(() => stage.clear());
afterEach(() => vi.restoreAllMocks());
afterAll(() => stage.stop());

interface Figure {
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly value: number;
}

/** What CloudWatch is told while the work runs, as it reads it from the functions' log. */
async function figuresOf(work: () => Promise<unknown>): Promise<Figure[]> {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    lines.push(...String(text).split("\n"));
    return true;
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return lines
    .filter((line) => line.includes('"_aws"'))
    .flatMap((line) => {
      const told = JSON.parse(line);
      const [{ Dimensions, Metrics }] = told._aws.CloudWatchMetrics;
      const dimensions = Object.fromEntries(Dimensions[0].map((name: string) => [name, told[name]]));
      return Metrics.map(({ Name }: { Name: string }) => ({ name: Name, dimensions, value: told[Name] }));
    });
}

const ours = { service: "plimsoll", stage: "test" };

const named = (figures: readonly Figure[], ...names: string[]) => figures.filter(({ name }) => names.includes(name));

describe("failed records", () => {
  it.each([
    ["ComputeShard", () => functions.computeShard],
    ["StartSweepOnRequest", () => functions.onRequest],
  ] as const)(
    "of %s are counted under its name (seen to fail before: Lambda's Errors stays 0)",
    async (name, handler) => {
      const records = ["{}", "no JSON"].map((body, index) => queueRecord(body, `${name}-${index}`));
      const figures = await figuresOf(() => handler()({ Records: records }, lambdaContext(name)));
      expect(named(figures, "FailedRecords")).toEqual([failedRecords(name, 2)]);
    },
  );

  it.each([
    ["IngestAccounts", () => functions.ingestAccounts, () => [state("ada"), state("bo"), state("cy")]],
    ["PublishCalls", () => functions.publishCalls, () => ["1", "2", "3"].map(eventRecord)],
  ] as const)("of %s are counted when a service is away", async (name, handler, records) => {
    const away = vi.spyOn(stage.dynamodb, "send").mockRejectedValue(new Error("DynamoDB is away") as never);
    const figures = await figuresOf(() => handler()({ Records: records() }, lambdaContext(name)));
    away.mockRestore();
    expect(named(figures, "FailedRecords")).toEqual([failedRecords(name, 3)]);
  });

  it("of a sweep on request are counted when it fails as a whole, beside those that did not parse", async () => {
    const request = { schema_version: 1, underlyings: ["BTC"], requested_at: iso(openMs) };
    const records = ["{}", JSON.stringify(request)].map((body, index) => queueRecord(body, `request-${index}`));
    const away = vi.spyOn(stage.dynamodb, "send").mockRejectedValue(new Error("DynamoDB is away") as never);
    const figures = await figuresOf(async () => {
      const answer = functions.onRequest({ Records: records }, lambdaContext("StartSweepOnRequest"));
      await expect(answer).rejects.toThrow("DynamoDB is away");
    });
    away.mockRestore();
    const told = named(figures, "FailedRecords");
    expect(told).toEqual([failedRecords("StartSweepOnRequest", 1), failedRecords("StartSweepOnRequest", 1)]);
  });

  it("are not written of where nothing fails, for CloudWatch charges by the name and hour", async () => {
    const figures = await figuresOf(() =>
      functions.ingestAccounts({ Records: [state("ada")] }, lambdaContext("IngestAccounts")),
    );
    expect(figures.length).toBeGreaterThan(0);
    expect(named(figures, "FailedRecords")).toEqual([]);
  });
});

function failedRecords(name: string, value: number): Figure {
  return { name: "FailedRecords", dimensions: { ...ours, function_name: name }, value };
}

function state(accountId: string) {
  return queueRecord(JSON.stringify(accountState(accountId, "1", [])), `state-of-${accountId}`);
}

function eventRecord(sequenceNumber: string) {
  const Keys = { pk: { S: "ACCOUNT#ada" }, sk: { S: `EVENT#000000000${sequenceNumber}` } };
  return { eventName: "INSERT", dynamodb: { Keys, SequenceNumber: sequenceNumber, NewImage: { data: { B: "AAAA" } } } };
}

describe("prices that accounts rest on", () => {
  async function quote(quotes: readonly Record<string, unknown>[], atMs: number): Promise<void> {
    await functions.ingestPrices(quoteRequest(quoteBatchOf(quotes, atMs), atMs), lambdaContext("IngestPrices"));
  }

  async function sweep(atMs: number): Promise<Figure[]> {
    return figuresOf(async () => {
      await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
      await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
    });
  }

  const worst = (figures: readonly Figure[], name: string) =>
    Math.max(
      ...named(figures, name)
        .filter(({ dimensions }) => !("underlying" in dimensions))
        .map(({ value }) => value),
    );

  /** Gives an account collateral, and what else its state says. */
  async function account(collateral: Record<string, string>, more: Record<string, unknown> = {}) {
    const balances = Object.entries(collateral).map(([asset, amount]) => ({ asset, amount }));
    await stage.send("AccountEvents", { ...accountState("ada", "0", []), collateral: balances, ...more });
    await stage.consume("AccountEvents", functions.ingestAccounts);
  }

  const long = { positions: [{ instrument_id: "BTC_USD-PERPETUAL", quantity: "1", entry_price: "70000" }] };
  const rate = { kind: "redemption_rate", token: "SDAI", rate: "1.1" };
  const order = { instrument_id: "BTC_USD-PERPETUAL", order_id: "o-1", quantity: "1", price: "69000" };

  it("say how old the worst is, and by name which of them may not escalate", async () => {
    await account({ USD: "50000" }, long);
    await quote([...btcQuotes(70_000), indexQuote("ETH", 2_000)], openMs);
    const fresh = await sweep(openMs);
    expect([worst(fresh, "PriceAgeSeconds"), worst(fresh, "PricesUnusable")]).toEqual([0, 0]);
    expect(fresh.filter(({ dimensions }) => "underlying" in dimensions)).toEqual([]);

    // Sweeps go on and complete; only these figures say that the feed is dead.
    const dead = await sweep(openMs + 20 * minuteMs);
    expect([worst(dead, "PriceAgeSeconds"), worst(dead, "PricesUnusable")]).toEqual([1_200, 1]);
    expect(dead.filter(({ dimensions }) => "underlying" in dimensions)).toEqual([
      { name: "PriceAgeSeconds", dimensions: { ...ours, underlying: "BTC" }, value: 1_200 },
      { name: "PriceUsable", dimensions: { ...ours, underlying: "BTC" }, value: 0 },
    ]);
    await quote(btcQuotes(70_000), openMs + 21 * minuteMs);
    const again = await sweep(openMs + 21 * minuteMs);
    expect([worst(again, "PriceAgeSeconds"), worst(again, "PricesUnusable")]).toEqual([0, 0]);
  });

  it.each([
    ["collateral", { USD: "50000", ETH: "1" }, {}, "ETH"],
    ["what collateral redeems into", { USD: "50000", SDAI: "1" }, {}, "DAI"],
    ["an order", { USD: "50000" }, { open_orders: [order] }, "BTC"],
    ["the pool's currency", { USD: "50000" }, { pool_currency: "BTC" }, "BTC"],
  ])("are those behind %s too", async (_what, collateral, more, underlying) => {
    await quote([...btcQuotes(70_000), indexQuote("ETH", 2_000), indexQuote("DAI", 1), rate], openMs);
    await account(collateral, more);
    const figures = await sweep(openMs + 5 * minuteMs);
    expect(named(figures, "PriceUsable").map(({ dimensions }) => dimensions.underlying)).toEqual([underlying]);
  });

  it("are missing where a token's feed is dead, which has no age (seen to fail: 0 unusable)", async () => {
    await quote([...btcQuotes(70_000), indexQuote("DAI", 1), rate], openMs);
    await account({ USD: "50000", SDAI: "1" });
    expect(worst(await sweep(openMs), "PricesUnusable")).toBe(0);
    await quote([...btcQuotes(70_000), indexQuote("DAI", 1)], openMs + 20 * minuteMs);
    const dead = await sweep(openMs + 20 * minuteMs);
    expect([worst(dead, "PriceAgeSeconds"), worst(dead, "PricesUnusable")]).toEqual([0, 1]);
    expect(dead.filter(({ dimensions }) => "underlying" in dimensions)).toEqual([
      { name: "PriceUsable", dimensions: { ...ours, underlying: "SDAI" }, value: 0 },
    ]);
  });

  it.each([
    ["collateral that was never quoted", { USD: "50000", ETH: "1" }, {}, ["ETH"]],
    ["what collateral redeems into", { USD: "50000", WSTETH: "1" }, {}, ["ETH", "WSTETH"]],
    ["the pool's currency", { USD: "50000" }, { pool_currency: "ETH" }, ["ETH"]],
  ])(
    "are missing where %s is not in the snapshot (seen to fail: none is named)",
    async (_what, collateral, more, names) => {
      await quote(btcQuotes(70_000), openMs);
      await account(collateral, more);
      const figures = await sweep(openMs);
      expect(worst(figures, "PricesUnusable")).toBe(names.length);
      expect(named(figures, "PriceUsable").map(({ dimensions }) => dimensions.underlying)).toEqual(names);
    },
  );

  it("are those behind positions that nobody quotes any more too (seen to fail: 0 s old)", async () => {
    await quote(btcQuotes(70_000), openMs);
    await account({ USD: "50000" }, long);
    await sweep(openMs);
    const others = btcQuotes(70_000).filter(({ instrument_id }) => instrument_id !== "BTC_USD-PERPETUAL");
    await quote(others, openMs + minuteMs);
    await sweep(openMs + minuteMs);
    const figures = await sweep(openMs + 21 * minuteMs);
    expect([worst(figures, "PriceAgeSeconds"), worst(figures, "PricesUnusable")]).toEqual([1_200, 1]);
  });

  it("are not those of what nobody holds any more, or of coins that are no collateral", async () => {
    await quote([...btcQuotes(70_000), indexQuote("ETH", 2_000), indexQuote("DOGE", 0.2)], openMs);
    await account({ USD: "50000", DOGE: "0.000001" });
    const figures = await sweep(openMs + 90 * minuteMs);
    expect([worst(figures, "PriceAgeSeconds"), worst(figures, "PricesUnusable")]).toEqual([0, 0]);
    expect(named(figures, "PriceUsable")).toEqual([]);
  });

  it.each([
    ["0.000000000000000001", 0],
    ["-0.000000000000000001", 1],
  ])(
    "and of accounts with %s of what is no collateral, %d are in doubt (seen to fail: 1 of each)",
    async (doge, count) => {
      await account({ USD: "50000", DOGE: doge }, long);
      await quote(btcQuotes(70_000), openMs);
      const figures = await sweep(openMs);
      expect([worst(figures, "AccountsIncomplete"), worst(figures, "AccountsNotMargined")]).toEqual([count, 0]);
    },
  );

  it("and accounts without a margin are figures of every shard and sweep", async () => {
    await account({ USD: "50000" }, long);
    await quote([indexQuote("BTC", 70_000)], openMs);
    const figures = await sweep(openMs);
    expect(worst(figures, "AccountsNotMargined")).toBe(1);
  });
});

describe("calls that wait", () => {
  it("are told by the age of the oldest and the number set aside, at every run of the republisher", async () => {
    const run = () => figuresOf(() => functions.republishCalls(tick(openMs), lambdaContext("RepublishCalls")));
    const figures = () => run().then((told) => named(told, "UnpublishedCallAgeSeconds", "CallsSetAside"));
    expect((await figures()).map(({ value }) => value)).toEqual([0, 0]);
    const { client } = stage.table("Margin");
    const { PutItemCommand } = await import("@aws-sdk/client-dynamodb");
    const mark = (nn: string, sequence: string, refusal?: string) =>
      client.send(
        new PutItemCommand({
          TableName: "Margin",
          Item: {
            pk: { S: `UNPUBLISHED#${nn}` },
            sk: { S: `BOOK#ada#000000000${sequence}` },
            book_id: { S: "ada" },
            sequence: { N: sequence },
            committed_at_ms: { N: String(Date.now() - 30_000) },
            ...(refusal === undefined ? {} : { refusal: { S: refusal } }),
          },
        }),
      );
    await mark("00", "1");
    await mark("01", "2", "its topic is gone");
    const [age, aside] = await figures();
    expect(age?.value).toBeGreaterThanOrEqual(30);
    expect(age?.value).toBeLessThan(60);
    expect([age?.dimensions, aside]).toEqual([ours, { name: "CallsSetAside", dimensions: ours, value: 1 }]);
  });
});
