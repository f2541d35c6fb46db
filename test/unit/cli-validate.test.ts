import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defaultParameters } from "@plimsoll/risk";
import { encodeParameters } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { fixturePath } from "../support/fixtures.ts";
import { root } from "../support/repository.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf } from "../support/venue.ts";

const directory = mkdtempSync(join(tmpdir(), "plimsoll-validate-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function fileOf(content: unknown, ending = "json"): string {
  files += 1;
  const path = join(directory, `file-${files}.${ending}`);
  writeFileSync(path, typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

async function validated(path: string, ...words: string[]) {
  const { code, out, err } = await runPlimsoll(directory, ["validate", path, "--json", ...words]);
  const { files: told } = JSON.parse(out);
  expect(told).toHaveLength(1);
  return { code, err, ...told[0] };
}

const transfer = (sequence: number, amount: string) => ({
  kind: "transfer",
  schema_version: 1,
  account_id: "ada",
  ledger_sequence: sequence,
  occurred_at: "2026-02-05T12:00:00.000Z",
  asset: "USD",
  amount,
});
const scenarios = {
  set_id: "two",
  kind: "stress",
  horizon_hours: 24,
  step_hours: null,
  scenario_ids: ["a", "b"],
  labels: null,
  weights: null,
  underlyings: [{ underlying: "BTC", log_returns: [0.1, -0.1], volatility_log_moves: null, proxy: null }],
};
const limits = { automatic: false, maximum_increase: 0, maximum_decrease: 0, bounds: [] };
const candles = "date,open,high,low,close\n2026-01-01,1,2,1,2\n";
const doge = { scan: [{ underlying: "DOGE", price_scan_range: 0.3 }] };

async function written(...words: string[]): Promise<string> {
  const { out } = await runPlimsoll(directory, [...words, "--json"]);
  return fileOf(out);
}
const portfolio = join(root, "packages/cli/examples/portfolio.json");

describe("plimsoll validate", () => {
  it.each([
    ["portfolio", () => portfolio, "plimsoll margin"],
    ["quotes", () => fileOf(quoteBatchOf(btcQuotes(70_000), openMs)), "with quotes of BTC"],
    ["events", () => fileOf(accountState("ada", "1", [])), "1 event of 1 account"],
    ["events", () => fileOf([transfer(1, "2"), transfer(2, "3")]), "2 events of 1 account"],
    ["events", () => fileOf(`${JSON.stringify(transfer(1, "2"))}\n${JSON.stringify(transfer(2, "3"))}\n`), "2 events"],
    ["parameters", () => fileOf(encodeParameters(defaultParameters)), "plimsoll parameters put"],
    ["parameters", () => fileOf(doge), "plimsoll parameters put"],
    ["parameters", () => fileOf({ history_tolerance: 0.5 }), "--parameters"],
    ["controls", () => fileOf({ limits, people_required: 1 }), "one person puts parameters"],
    ["controls", () => fileOf({ limits }), "it takes two people"],
    ["chain", () => fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz"), "--market"],
    ["candles", () => fileOf(candles, "csv"), "1 day"],
    ["candles", () => fileOf(gzipSync(candles), "csv.gz"), "1 day"],
    ["scenarios", () => fileOf(scenarios), "2 scenarios as two"],
    ["span-file", () => join(root, "test/support/sample.spn"), "5 contracts, 2 combined commodities"],
    ["span-positions", () => fileOf({ positions: [{ contract_id: "x", quantity: 1 }] }), "1 position"],
    ["result", () => written("margin", portfolio, "--market", "sample"), "of plimsoll margin"],
    ["result", () => written("explain", portfolio, "--market", "sample"), "--against"],
    ["result", () => written("stress", portfolio, "--market", "sample"), "of plimsoll stress"],
  ])("knows a file of %s, finds it right, and says what would be done with it", async (kind, path, use) => {
    const told = await validated(await path());
    expect(told).toMatchObject({ kind, faults: [], use: expect.stringContaining(use) });
    expect(told.code).toBe(0);
  });

  it.each([
    [
      "portfolio",
      { account_id: "ada", positions: [{ instrument_id: "X", quantity: "x" }] },
      "$.positions[0].quantity: ",
    ],
    [
      "quotes",
      quoteBatchOf([{ kind: "index", underlying: "BTC", index_price: "-3" }], openMs),
      '$.quotes[0].index_price: a decimal above zero; got "-3"',
    ],
    [
      "quotes",
      quoteBatchOf(btcQuotes(70_000).slice(1), openMs),
      '$.quotes[0].underlying: an underlying whose index quote is in the same batch; got "BTC"',
    ],
    ["events", transfer(0, "1"), "$.ledger_sequence: Too small: expected number to be >=1; got 0"],
    ["events", [transfer(1, "1"), transfer(2, "0")], '$[1].amount: an amount other than zero; got "0"'],
    [
      "events",
      `${JSON.stringify(transfer(1, "2"))}\n${JSON.stringify(transfer(2, "0"))}\n`,
      'line 2, $.amount: an amount other than zero; got "0"',
    ],
    ["events", `${JSON.stringify(transfer(1, "2"))}\n{"kind":\n`, "line 2, is not JSON"],
    ["parameters", { history_tolerance: -1 }, "$.history_tolerance: Too small: expected number to be >=0; got -1"],
    ["controls", { limits, people_required: 3 }, "$.people_required: 1 or 2, as many people as it takes; got 3"],
    ["scenarios", { ...scenarios, scenario_ids: ["a"] }, "2 entries; as many as there are scenarios, 1"],
    ["candles", `${candles}2026-01-02,x,2,1,2\n`, 'line 3: a number or time as open; got "2026-01-02,x,2,1,2"'],
    ["result", { schema_version: 1, sweep: 1, calls: 2, severities: [], timings: 3 }, "$.stage: stage is missing"],
    ["span-file", "<spanFile><", ""],
  ])("finds what is wrong in %s: %j", async (kind, content, fault) => {
    const { code, err, kind: told, faults } = await validated(fileOf(content));
    expect(told).toBe(kind);
    expect(faults.join("\n")).toContain(fault);
    expect(faults.length).toBeGreaterThan(0);
    expect([code, err]).toEqual([1, "plimsoll: 1 of 1 file is wrong\n"]);
  });

  it("refuses an explanation that does not recompute", async () => {
    const { out } = await runPlimsoll(directory, ["explain", portfolio, "--market", "sample", "--json"]);
    const report = JSON.parse(out);
    const { faults } = await validated(fileOf({ ...report, margin: { ...report.margin, equity: "1" } }));
    expect(faults).toEqual([expect.stringMatching(/does not recompute: margin\.equity is stated as "1"/)]);
  });

  it("asks for the kind where it cannot be told, and takes it", async () => {
    const path = fileOf({ x: 1 });
    const { code, kind, faults } = await validated(path);
    expect([code, kind, faults]).toEqual([1, null, [expect.stringContaining("say it with --kind portfolio|quotes|")]]);
    const named = await validated(path, "--kind", "parameters");
    expect(named).toMatchObject({ kind: "parameters", faults: [expect.stringContaining("$.x: not a field")] });
  });

  it("says of a part that put would take what --parameters lacks in it", async () => {
    const { notes } = await validated(fileOf(doge));
    expect(notes.at(-1)).toMatch(/^--parameters, which completes no new row, would refuse it: .*and 15 more$/);
  });

  it("goes through all files, and fails when one is wrong", async () => {
    const { code, out, err } = await runPlimsoll(directory, ["validate", portfolio, "gone.json", fileOf(doge)]);
    expect([code, err]).toEqual([1, "plimsoll: 1 of 3 files is wrong\n"]);
    expect(out).toMatch(/^right .*portfolio\.json, a portfolio\n/);
    expect(out).toMatch(/^wrong gone\.json, of no kind that is known\n {2}gone\.json cannot be read/m);
  });
});

describe("an option that names a table", () => {
  const name = "PLIMSOLL_MARKET_TABLE";
  afterAll(() => {
    delete process.env[name];
  });

  it("is taken from the environment where it is left out, and not where it is given", async () => {
    process.env[name] = "plimsoll-x-LedgerTable";
    const taken = await runPlimsoll(directory, ["parameters", "list"]);
    expect(taken.err).toContain("--table is plimsoll-x-LedgerTable, a stage's Ledger table");
    const given = await runPlimsoll(directory, ["parameters", "list", "--table", "plimsoll-y-MarginTable"]);
    expect(given.err).toContain("--table is plimsoll-y-MarginTable, a stage's Margin table");
    // What says the same in another way keeps the variable from being read.
    const files = await runPlimsoll(directory, ["parameters", "propose", "--prices", `BTC=${fileOf(candles, "csv")}`]);
    expect(files.code).toBe(0);
    process.env[name] = "";
    const missing = await runPlimsoll(directory, ["parameters", "list"]);
    expect([missing.code, missing.err]).toEqual([
      2,
      expect.stringContaining("required option '--table <name>' not specified, nor PLIMSOLL_MARKET_TABLE set"),
    ]);
  });
});

describe("plimsoll start --empty", () => {
  it.each([
    [["--empty", "--accounts", "5"], /'--empty' cannot be used with option '-a, --accounts <n>'/],
    [["--empty", "--once"], /'--empty' cannot be used with option '--once'/],
    [["--empty", "--port", "65534"], /--port 65534: with --empty the emulators take the next two, so at most 65533/],
    [["--accounts", "0"], /for a stage without any, use --empty/],
  ])("says what %j may not be", async (words, problem) => {
    const { code, err } = await runPlimsoll(directory, ["start", ...words]);
    expect([code, err]).toEqual([2, expect.stringMatching(problem)]);
  });
});
