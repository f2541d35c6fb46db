import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { defaultParameters } from "@plimsoll/risk";
import { nameParameters } from "@plimsoll/schema";
import { activateParameters, findActivation, loadActivations, loadHistory, saveParameters } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const dayMs = 86_400_000;
const directory = mkdtempSync(join(tmpdir(), "plimsoll-parameters-"));

let stage: TestStage;
beforeAll(async () => {
  stage = await startTestStage();
});
beforeEach(() => stage.clear());
afterAll(async () => {
  await stage.stop();
  rmSync(directory, { recursive: true });
});

const plimsoll = (...words: string[]) => runPlimsoll(directory, ["parameters", ...words]);

const onMarket = (...words: string[]) => plimsoll(...words, "--table", "Market");

/** A candle file of closes that swing by a share a day, up to yesterday. */
function candleFile(share: number, days = 120): string {
  const path = join(directory, `btc-${share}.csv`);
  const rows = Array.from({ length: days }, (_, index) => {
    const date = new Date(Date.now() - (days - index) * dayMs).toISOString().slice(0, 10);
    const [open, close] = index % 2 === 0 ? [100, 100 * (1 + share)] : [100 * (1 + share), 100];
    return `${date},${open},${Math.max(open, close)},${Math.min(open, close)},${close}`;
  });
  writeFileSync(path, ["date,open,high,low,close", ...rows].join("\n"));
  return path;
}

const { parametersVersion, ...content } = defaultParameters;
const first = nameParameters(parametersVersion, content);

async function prepare(): Promise<void> {
  const market = stage.table("Market");
  await saveParameters(market, first);
  const activation = { sequence: 1, version: first.parametersVersion, effectiveFromMs: 1, activatedBy: "shipped" };
  await activateParameters(market, { ...activation, proposalId: null });
  await market.client.send(
    new PutItemCommand({
      TableName: "Market",
      Item: { pk: { S: "UNDERLYING" }, sk: { S: "BTC" } },
    }),
  );
}

describe("plimsoll parameters", () => {
  it("goes from a past to a proposal, to its approval, and back to the old set", async () => {
    await prepare();
    const backfilled = await onMarket("backfill", "BTC", candleFile(0.06));
    expect(backfilled.out).toBe("120 of 120 days are new\n");
    expect((await onMarket("backfill", "BTC", candleFile(0.06))).out).toBe("0 of 120 days are new\n");
    expect((await loadHistory(stage.table("Market"), "BTC")).bars).toHaveLength(120);

    // ln(1.06) x 3.8, exponential less 1, and a quarter of buffer on it: 30.98 %, rounded up.
    const proposed = await onMarket("propose");
    expect(proposed).toMatchObject({ code: 0 });
    expect(proposed.out).toMatch(/BTC +price scan range +10 % +15 % +30.99 % +increase limit/);
    const listed = JSON.parse((await onMarket("list", "--json")).out);
    expect(listed.activations).toHaveLength(1);
    const [{ proposal_id: id, parameters_version: version, status }] = listed.proposals;
    expect(status).toBe("proposed");
    expect((await onMarket("show", id)).out).toContain("a day's volatility by ewma");

    const { differences } = JSON.parse((await onMarket("diff", first.parametersVersion, id, "--json")).out);
    expect(differences[0]).toEqual({ path: "scan[BTC].price_scan_range", before: 0.1, after: 0.15 });

    const approved = await onMarket("approve", id, "--by", "ada");
    expect(approved.out).toBe(`${version} is in effect from the next sweep on\n`);
    expect(await findActivation(stage.table("Market"), Date.now())).toMatchObject({ version, activatedBy: "ada" });
    expect((await onMarket("approve", id, "--by", "ada")).err).toContain("is in effect already");
    expect((await onMarket("list")).out).toContain("activated");

    expect((await onMarket("activate", first.parametersVersion, "--by", "ada")).code).toBe(0);
    expect((await loadActivations(stage.table("Market"))).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
  });

  it("does not approve what other parameters have overtaken", async () => {
    await prepare();
    await onMarket("backfill", "BTC", candleFile(0.06));
    await onMarket("propose");
    const [{ proposal_id: id }] = JSON.parse((await onMarket("list", "--json")).out).proposals;
    await onMarket("activate", first.parametersVersion, "--by", "ada");
    const { code, err } = await onMarket("approve", id, "--by", "ada");
    expect(code).toBe(1);
    expect(err).toMatch(/other parameters came into effect since: plimsoll parameters propose/);
  });

  it("sets limits from a file and shows them, and refuses what are none", async () => {
    expect((await onMarket("limits")).out).toBe("null\n");
    const path = join(directory, "limits.json");
    const limits = { automatic: false, maximum_increase: 0.2, maximum_decrease: 0.05, bounds: [] };
    writeFileSync(path, JSON.stringify({ limits }));
    expect((await onMarket("limits", path)).code).toBe(0);
    expect(JSON.parse((await onMarket("limits", "--json")).out)).toEqual({ limits, policy: null });
    writeFileSync(path, JSON.stringify({ limits: { ...limits, maximum_decrease: 2 } }));
    const { code, err } = await onMarket("limits", path);
    expect([code, err]).toEqual([1, expect.stringContaining("maximum_decrease")]);
  });

  it("proposes from price files alone", async () => {
    const { code, out } = await plimsoll("propose", "--prices", `BTC=${candleFile(0.03)}`, "--json");
    expect(code).toBe(0);
    const { moves } = JSON.parse(out);
    const eth = moves.find((move: { subject: string; field: string }) => move.subject === "ETH");
    expect(eth).toMatchObject({ reason: "no_estimate", note: "0 daily returns of the 60 needed" });
  });

  it.each([
    [["show", "gone", "--table", "Market"], /gone is no version in Market/],
    [["show", "20260205T120000000Z", "--table", "Market"], /is no proposal in Market/],
    [["diff", "gone", "gone"], /gone is no file/],
    [["propose"], /give --table <MarketTable>, or --prices SYMBOL=file/],
    [["propose", "--prices", "btc.csv"], /write BTC=btc.csv/],
    [["propose", "--table", "Market"], /has no parameters in effect/],
    [
      ["list", "--table", "NoSuchTable"],
      /--table NoSuchTable, region [a-z0-9-]+: there is no such table; check the name and AWS_REGION/,
    ],
  ])("says what is wrong with %j", async (words, problem) => {
    const { code, err } = await plimsoll(...words);
    expect(code).toBeGreaterThan(0);
    expect(err).toMatch(problem);
  });
});
