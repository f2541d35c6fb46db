import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultParameters } from "@plimsoll/risk";
import { encodeParameters, gapsOf, type MarginRow, nameParameters, type ParameterControls } from "@plimsoll/schema";
import {
  findActivation,
  getParameters,
  loadActivations,
  loadBlock,
  loadParameterVersions,
  saveControls,
  saveParameters,
} from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, indexQuote, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

const directory = mkdtempSync(join(tmpdir(), "plimsoll-put-"));

let stage: TestStage;
let functions: Functions;
beforeAll(async () => {
  stage = await startTestStage({ ...testSettings, shardCount: 1 });
  functions = await importFunctions();
});
beforeEach(() => stage.clear());
afterAll(async () => {
  await stage.stop();
  rmSync(directory, { recursive: true });
});

const market = () => stage.table("Market");
const onMarket = (...words: string[]) => runPlimsoll(directory, ["parameters", ...words, "--table", "Market"]);

let files = 0;
function fileOf(content: unknown): string {
  files += 1;
  const path = join(directory, `set-${files}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const limits = { automatic: false, maximumIncrease: 0, maximumDecrease: 0, bounds: [] };

async function demand(people: 1 | 2): Promise<void> {
  const controls: ParameterControls = { limits, policy: null, peopleRequired: people };
  expect(await saveControls(market(), controls, 0, "test", Date.now())).toBe(true);
}

async function inEffect() {
  const activation = await findActivation(market(), Date.now());
  return activation && (await getParameters(market(), activation.version));
}

const { parametersVersion, ...content } = defaultParameters;
const shipped = nameParameters(parametersVersion, content);

/** The coin of a venue of its own, of which the shipped set has no row. */
const doge = {
  scan: [{ underlying: "DOGE", price_scan_range: 0.3 }],
  collateral: [
    {
      asset: "DOGE",
      initial_bands: [{ up_to_usd: null, haircut: 0.4 }],
      maintenance_bands: [{ up_to_usd: null, haircut: 0.3 }],
      moves_in_scenarios: false,
    },
  ],
};

describe("plimsoll parameters put, where one person is enough", () => {
  beforeEach(() => demand(1));

  it("takes effect at once, before the first sweep too, with every row that the file does not name", async () => {
    const { code, out, err } = await onMarket("put", fileOf(doge), "--by", " ada ");
    expect(err).toMatch(/changes \d+ figures of the shipped set default-\d+-[0-9a-f]{12}, as changed-[0-9a-f]{12}\n$/);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^changed-[0-9a-f]{12} is in effect from the next sweep on\n$/),
    ]);
    const [second, first] = await loadActivations(market());
    expect(first).toMatchObject({ sequence: 1, version: shipped.parametersVersion, activatedBy: "shipped" });
    expect(second).toMatchObject({ sequence: 2, activatedBy: "ada", proposalId: expect.stringMatching(/Z$/) });
    const set = await inEffect();
    const other = defaultParameters.scan.find(({ underlying }) => underlying === "*");
    expect(set?.scan).toEqual([{ ...other, underlying: "DOGE", priceScanRange: 0.3 }, ...defaultParameters.scan]);
    expect(set?.collateral.slice(1)).toEqual(defaultParameters.collateral);
    expect(set?.collateral[0]).toMatchObject({ asset: "DOGE", valuation: { kind: "market" }, wrongWay: null });
    expect((await onMarket("list")).out).toMatch(/activated +put by ada/);

    // The next file is on top of this one.
    await onMarket("put", fileOf({ history_tolerance: 0.5 }), "--by", "ada");
    expect(await inEffect()).toMatchObject({ historyTolerance: 0.5, scan: set?.scan });
    const again = await onMarket("put", fileOf({ history_tolerance: 0.5 }), "--by", "ada");
    expect(again.out).toMatch(/^changed-[0-9a-f]{12} is in effect already, with these figures\n$/);
    expect(await loadActivations(market())).toHaveLength(3);
  });

  it("takes a whole set for all that there is", async () => {
    const whole = { ...defaultParameters, scan: defaultParameters.scan.slice(0, 2) };
    const wire = { ...encodeParameters(whole), parameters_version: "mine" };
    await onMarket("put", fileOf(wire), "--by", "ada");
    expect((await inEffect())?.scan.map(({ underlying }) => underlying)).toEqual(["BTC", "ETH"]);
    await onMarket("put", fileOf(encodeParameters(defaultParameters)), "--by", "ada");
    expect((await inEffect())?.parametersVersion).toBe(shipped.parametersVersion);
  });

  it.each([
    [{ scan: [{ underlying: "DOGE", price_scan_range: -1 }] }, /\$\.scan\[0\]\.price_scan_range: .*got -1/],
    [{ collateral: [{ asset: "DOGE" }] }, /\$\.collateral\[0\]\.initial_bands: initial_bands is missing/],
    [{ scan: [{ underlying: "doge" }] }, /\$\.scan\[0\]\.underlying: .*got "doge"/],
    [{ scann: [] }, /\$\.scann: not a field that is known; the nearest known: scan/],
  ])("says of %j the field, the value and the remedy, and stores nothing", async (change, problem) => {
    const { code, err } = await onMarket("put", fileOf(change), "--by", "ada");
    expect([code, err]).toEqual([1, expect.stringMatching(problem)]);
    expect(await loadParameterVersions(market())).toEqual([]);
  });

  it.each(["Schedule ", "operator", "shipped", " ", "a".repeat(65)])("takes no %j for a person", async (name) => {
    const { code, err } = await onMarket("put", fileOf(doge), "--by", name);
    expect([code, err]).toEqual([2, expect.stringContaining("names no person")]);
  });
});

describe("plimsoll parameters put, where it takes two", () => {
  it.each(["stored", "left out", "not stored"] as const)("waits for another person (%s)", async (demanded) => {
    if (demanded === "stored") await demand(2);
    if (demanded === "left out") await saveControls(market(), { limits, policy: null }, 0, "test", Date.now());
    const { code, out } = await onMarket("put", fileOf(doge), "--by", "Ada");
    expect(code).toBe(0);
    const [, version = "", id = ""] =
      /^(changed-\w+) waits: .*\nplimsoll parameters approve (\w+) --table Market --by <name>\n$/.exec(out) ?? [];
    expect((await inEffect())?.parametersVersion).toBe(shipped.parametersVersion);
    expect((await onMarket("list")).out).toMatch(/proposed +put by Ada +put by Ada: another person has to approve it/);
    expect((await onMarket("show", id)).out).toContain("scan[DOGE].price_scan_range");

    for (const name of ["Ada", " aDA ", "Ａda"]) {
      const refused = await onMarket("approve", id, "--by", name);
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining(
          `${id} was put by Ada, and this stage demands two people: have somebody else approve it`,
        ),
      ]);
      const around = await onMarket("activate", version, "--by", name);
      expect([around.code, around.err]).toEqual([1, expect.stringContaining("nobody but")]);
    }
    expect(await loadActivations(market())).toHaveLength(1);

    expect((await onMarket("approve", id, "--by", "bob")).code).toBe(0);
    expect((await inEffect())?.parametersVersion).toBe(version);
    // What was in effect once is the way back, for anyone.
    expect((await onMarket("activate", shipped.parametersVersion, "--by", "ada")).code).toBe(0);
    expect((await onMarket("activate", version, "--by", "ada")).code).toBe(0);
  });

  it("leaves a set that nobody has proposed where it is", async () => {
    await onMarket("put", fileOf(doge), "--by", "ada");
    const { parametersVersion: _, ...rest } = { ...defaultParameters, historyTolerance: 0.9 };
    const stray = nameParameters("stray", rest);
    await saveParameters(market(), stray);
    const { code, err } = await onMarket("activate", stray.parametersVersion, "--by", "bob");
    expect([code, err]).toEqual([1, expect.stringContaining("this stage demands two people: put its file")]);
  });
});

describe("a coin that no default knows", () => {
  const perpetual = {
    kind: "perpetual",
    underlying: "DOGE",
    instrument_id: "DOGE-PERP",
    settlement: "linear",
    quote_currency: "USD",
    contract_size: "1",
    forward_price: "0.2",
    mark_price: "0.2",
  };

  async function sweep(atMs: number): Promise<Map<string, MarginRow>> {
    const batch = quoteBatchOf([indexQuote("BTC", 70_000), indexQuote("DOGE", 0.2), perpetual], atMs);
    await functions.ingestPrices(quoteRequest(batch, atMs), lambdaContext("IngestPrices"));
    await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
    await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
    const { block } = await loadBlock(stage.table("Margin"), 0);
    return new Map(block?.rows.map((row) => [row.accountId, row]));
  }

  it("is margined as underlying and as collateral from the sweep after the put, and neither before", async () => {
    await demand(1);
    // A stage of which every coin is named: what is not named has no scan.
    const own = { ...defaultParameters, scan: defaultParameters.scan.slice(0, 2) };
    await onMarket("put", fileOf({ ...encodeParameters(own), parameters_version: "own" }), "--by", "ada");
    const position = [{ id: "DOGE-PERP", quantity: "100000", entry: "0.2" }];
    await stage.send("AccountEvents", accountState("trader", "50000", position));
    const holder = accountState("holder", "0", []);
    await stage.send("AccountEvents", { ...holder, collateral: [{ asset: "DOGE", amount: "100000" }] });
    await stage.consume("AccountEvents", functions.ingestAccounts);

    const before = await sweep(Date.now());
    const codes = gapsOf([...before.values()]).map(({ account_id, code }) => [account_id, code]);
    expect(new Map(codes as [string, string][])).toEqual(
      new Map([
        ["trader", "parameters_missing"],
        ["holder", "collateral_not_accepted"],
      ]),
    );

    const scan = [{ ...encodeParameters(defaultParameters).scan[2], underlying: "DOGE", price_scan_range: 0.3 }];
    expect((await onMarket("put", fileOf({ ...doge, scan }), "--by", "ada")).code).toBe(0);
    const after = await sweep(Date.now() + 1);
    expect(gapsOf([...after.values()])).toEqual([]);
    // 100,000 DOGE at 0.20: 30 % of 20,000 is the scan loss, and 60 % of 20,000 counts as collateral.
    const trader = after.get("trader");
    const held = after.get("holder");
    if (trader?.status !== "margined" || held?.status !== "margined") throw new Error("not margined");
    expect(Number(trader.margin.initialMargin)).toBeGreaterThanOrEqual(6_000);
    expect(Number(trader.margin.initialMargin)).toBeLessThan(6_100);
    expect(Number(held.margin.initialMarginBalance)).toBeCloseTo(12_000, 6);
  });
});
