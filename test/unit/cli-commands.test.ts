import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultParameters } from "@plimsoll/risk";
import { encodeParameters, portfolioFile, quoteBatch } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { marginReport } from "../../packages/cli/src/margin/margin-report.ts";
import { type CommandRun, runPlimsoll } from "../support/cli.ts";
import { fixturePath } from "../support/fixtures.ts";

const examplePath = join(import.meta.dirname, "../../packages/cli/examples/portfolio.json");
const example = JSON.parse(readFileSync(examplePath, "utf8"));

const root = mkdtempSync(join(tmpdir(), "plimsoll-cli-"));
afterAll(() => rmSync(root, { recursive: true }));

interface Run extends CommandRun {
  readonly directory: string;
}

async function plimsoll(...words: string[]): Promise<Run> {
  const directory = mkdtempSync(join(root, "run-"));
  return { ...(await runPlimsoll(directory, words)), directory };
}

function portfolio(value: unknown): string {
  const path = join(mkdtempSync(join(root, "portfolio-")), "portfolio.json");
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

describe("plimsoll margin", () => {
  it("margins the shipped example on the sample market: a table for people", async () => {
    const { code, out } = await plimsoll("margin", examplePath, "--market", "sample");
    expect(code).toBe(0);
    for (const word of [
      "Equity",
      "Initial margin",
      "scan risk",
      "Worst case: BTC",
      "Greeks",
      "Call prices",
      "LIQUIDATION",
    ]) {
      expect(out).toContain(word);
    }
    expect(out).toMatch(/Maintenance margin +[\d,]+\.\d\d {2}USD/);
    expect(out).not.toContain("\u001b[");
  });

  it("and the same as JSON of its contract, by both methods", async () => {
    const { code, out } = await plimsoll("margin", examplePath, "-m", "sample", "--method", "both", "--json");
    expect(code).toBe(0);
    const report = marginReport.parse(JSON.parse(out));
    expect(report.methods.map(({ method_id }) => method_id)).toEqual(["portfolio", "static"]);
    const [first, second] = report.methods;
    if (first?.status !== "margined" || second?.status !== "margined") throw new Error("both methods should margin it");
    expect(first.equity).toBe(second.equity);
    expect(Number(first.maintenance_margin)).toBeLessThan(Number(first.initial_margin));
    expect(Number(first.margin_headroom)).toBeCloseTo(
      Number(first.margin_balance) - Number(first.maintenance_margin),
      6,
    );
    expect(first.components.reduce((sum, { amount }) => sum + Number(amount), 0)).toBeCloseTo(
      Number(first.initial_margin),
      0,
    );
    expect(first.units.map(({ underlying }) => underlying)).toEqual(["BTC", "ETH"]);
  });

  it("margins it on a recorded chain", async () => {
    const chain = fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz");
    const { code, out } = await plimsoll("margin", examplePath, "--market", chain, "--json");
    expect(code).toBe(0);
    expect(marginReport.parse(JSON.parse(out)).market).toMatchObject({
      as_of: "2026-02-05T15:51:32.535Z",
      instruments: 1798,
    });
  });

  it("counts open orders in initial margin beside the one without, and in nothing else", async () => {
    const order = { order_id: "o-1", instrument_id: "ETH-PERPETUAL", quantity: "-20000", price: "2400" };
    const usual = marginReport.parse(JSON.parse((await plimsoll("margin", examplePath, "-m", "sample", "--json")).out));
    const withOrders = portfolio({ ...example, open_orders: [order] });
    const { out } = await plimsoll("margin", withOrders, "-m", "sample", "--json");
    const [before] = usual.methods;
    const [after] = marginReport.parse(JSON.parse(out)).methods;
    if (before?.status !== "margined" || after?.status !== "margined") throw new Error("portfolio should margin it");
    expect(before.projected_initial_margin).toBeNull();
    expect(Number(after.projected_initial_margin)).toBeGreaterThan(Number(before.initial_margin));
    expect({ ...after, projected_initial_margin: null }).toEqual(before);
    expect((await plimsoll("margin", withOrders, "-m", "sample")).out).toMatch(/with open orders +[\d,]+\.\d\d/);
  });

  it("says how the worst of many open orders was found, where not every subset was tried", async () => {
    const open_orders = [1, 2, 3, 4, 5].map((size) => ({
      order_id: `o-${size}`,
      instrument_id: "ETH-PERPETUAL",
      quantity: String(-1000 * size),
      price: String(2400 + size),
    }));
    const path = portfolio({ ...example, open_orders });
    const { out } = await plimsoll("margin", path, "-m", "sample", "--json");
    const [method] = marginReport.parse(JSON.parse(out)).methods;
    if (method?.status !== "margined") throw new Error("portfolio should margin it");
    expect(method.projected_by).toBe("by_side");
    expect((await plimsoll("margin", path, "-m", "sample")).out).toMatch(
      /Open orders under portfolio: each side of an instrument counts in whole, which no subset exceeds where/,
    );
  });

  it("says which open orders it cannot count, beside the margin of what is held", async () => {
    const order = { order_id: "o-1", instrument_id: "ETH-GONE", quantity: "1", price: "2400" };
    const path = portfolio({ ...example, open_orders: [order] });
    const { code, out } = await plimsoll("margin", path, "-m", "sample");
    expect(code).toBe(0);
    expect(out).toMatch(/Open orders not counted by portfolio: .*open_orders\[0\].instrument_id is ETH-GONE/);
    expect(out).toMatch(/Initial margin +[\d,]+\.\d\d/);
  });

  it("margins each pool by itself, and refuses an isolated one of several instruments", async () => {
    const [position] = example.positions;
    const pool = { pool_id: "one", collateral: [{ asset: "USD", amount: "5000" }], positions: [position] };
    const usual = marginReport.parse(JSON.parse((await plimsoll("margin", examplePath, "-m", "sample", "--json")).out));
    const path = portfolio({ ...example, pools: [pool] });
    const { out } = await plimsoll("margin", path, "-m", "sample", "--json");
    const { pools, ...own } = marginReport.parse(JSON.parse(out));
    expect({ ...own, pools: [] }).toEqual(usual);
    const alone = portfolio({ collateral: pool.collateral, positions: pool.positions });
    const single = marginReport.parse(JSON.parse((await plimsoll("margin", alone, "-m", "sample", "--json")).out));
    expect(pools).toMatchObject([{ pool_id: "one", pool_kind: "isolated", methods: single.methods }]);
    expect((await plimsoll("margin", path, "-m", "sample")).out).toMatch(
      /Pool one {2}isolated, 1 position in a USD pool/,
    );
    const several = portfolio({ ...example, pools: [{ ...pool, positions: example.positions }] });
    const refused = await plimsoll("margin", several, "-m", "sample");
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/one instrument in an isolated pool/);
  });

  it("margins by any method that is named", async () => {
    for (const method of ["span", "portfolio_okx", "standard"]) {
      const { code, out } = await plimsoll("margin", examplePath, "-m", "sample", "--method", method, "--json");
      expect(code).toBe(0);
      expect(marginReport.parse(JSON.parse(out)).methods[0]).toMatchObject({ method_id: method, status: "margined" });
    }
    const rested = await plimsoll("margin", examplePath, "-m", "sample", "--method", "var");
    expect(rested.out).toContain("Note on var: sample-1 has no dates: its age is not known");
    const refused = await plimsoll("margin", examplePath, "-m", "sample", "--method", "account_ratio");
    expect(refused.code).toBe(1);
    expect(refused.err).toBe("plimsoll: not margined in full by account_ratio: the reason stands above\n");
    expect(refused.out).toMatch(/positions\[1\].instrument_id is BTC-27MAR26-84000-C.*no options/);
  });

  it("uses another parameter set from a file, and refuses one that is out of bounds", async () => {
    const wire = encodeParameters(defaultParameters);
    const wider = {
      ...wire,
      parameters_version: "wider",
      scan: wire.scan.map((scan) => ({ ...scan, price_scan_range: 0.3 })),
    };
    const usual = marginReport.parse(JSON.parse((await plimsoll("margin", examplePath, "-m", "sample", "--json")).out));
    const wide = await plimsoll("margin", examplePath, "-m", "sample", "--json", "--parameters", portfolio(wider));
    const report = marginReport.parse(JSON.parse(wide.out));
    expect(report.parameters_version).toMatch(/^wider-[0-9a-f]{12}$/);
    const margins = [usual, report].map(({ methods: [method] }) =>
      method?.status === "margined" ? Number(method.initial_margin) : Number.NaN,
    );
    expect(margins[1]).toBeGreaterThan(1.3 * (margins[0] ?? Number.NaN));
    const broken = { ...wire, maintenance_to_initial_ratio: 1.5 };
    const refused = await plimsoll("margin", examplePath, "-m", "sample", "--parameters", portfolio(broken));
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/\$\.maintenance_to_initial_ratio: .*1.*; got 1\.5/);
  });

  it("a position the market lacks gives no number but the reason, exit code 1", async () => {
    const unknown = { ...example, positions: [{ instrument_id: "SOL-PERPETUAL", quantity: "5" }] };
    const { code, out, err } = await plimsoll("margin", portfolio(unknown), "-m", "sample");
    expect(code).toBe(1);
    expect(out).toMatch(
      /Not margined by portfolio: instrument not in snapshot: positions\[0\].instrument_id is SOL-PERPETUAL/,
    );
    expect(out).toMatch(/use a snapshot that contains the instrument/);
    expect(err).toBe("plimsoll: not margined by portfolio: the reason stands above\n");
  });

  it("leaves nothing of a portfolio out: one bad field refuses it whole, each problem listed and kept", async () => {
    const bad = {
      ...example,
      colateral: [],
      positions: [
        { instrument_id: "BTC-PERPETUAL", quantity: "NaN" },
        { instrument_id: "BTC-PERPETUAL", quantity: "1", entry_price: `1${"0".repeat(10_000)}` },
      ],
    };
    const path = portfolio(bad);
    const { code, err, directory } = await plimsoll("margin", path, "-m", "sample");
    expect(code).toBe(1);
    expect(err).toMatch(/\$\.positions\[0\]\.quantity: a decimal string.*; got "NaN"/);
    expect(err).toMatch(/\$\.positions\[1\]\.entry_price: .*; got "10000.*\(10,001 characters\)/);
    const kept = readFileSync(join(directory, ".plimsoll", "rejects", "portfolio.json.rejects.jsonl"), "utf8");
    const rejects = kept
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rejects.map(({ path: at }) => at)).toContain("$.positions[0].quantity");
    expect(
      rejects.every(({ file, value, problem }) => file === path && typeof value === "string" && problem !== ""),
    ).toBe(true);
  });

  it("refuses a million positions and names the limit", async () => {
    const line = '{"instrument_id":"BTC-PERPETUAL","quantity":"1"}';
    const million = `{"positions":[${Array.from({ length: 1_000_000 }, () => line).join(",")}]}`;
    const { code, err } = await plimsoll("margin", portfolio(million), "-m", "sample");
    expect(code).toBe(1);
    expect(err).toMatch(/\$\.positions: 1000000 entries; an account takes at most 1000 positions/);
  });

  it.each([
    ["not JSON", "{", /is not JSON .*repair it there/],
    ["empty", "", /is empty/],
  ])("a file that is %s is named with the remedy", async (_, content, message) => {
    const { code, err } = await plimsoll("margin", portfolio(content), "-m", "sample");
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });

  it("the example passes the contract of portfolio files", () => {
    expect(portfolioFile.safeParse(example).success).toBe(true);
  });
});

describe("plimsoll import", () => {
  it("prints a batch that the quotes endpoint takes", async () => {
    const { code, out, err } = await plimsoll(
      "import",
      fixturePath("data/options/deribit_chain_20260205T212937Z.csv.gz"),
    );
    expect(code).toBe(0);
    expect(quoteBatch.parse(JSON.parse(out)).quotes).toHaveLength(1858);
    expect(err).toMatch(/1858 quotes of 2026-02-05T21:29:37.885Z, 0 refused/);
  });

  it("counts and keeps what it refuses, and goes on", async () => {
    const chain = [
      "snapshot_time_utc,instrument_name,option_type,strike,expiry_utc,underlying_name,underlying_price,index_price,mark_price,mark_iv",
      "2026-02-05T15:51:32Z,BTC-27MAR26-70000-C,call,70000,2026-03-27T08:00:00Z,BTC-27MAR26,68000,67900,0.05,0.5",
      "2026-02-05T15:51:32Z,BTC-27MAR26-70000-P,put,70000,2026-03-27T08:00:00Z,BTC-27MAR26,68000,67900,0.05,99",
    ].join("\n");
    const { code, err, directory } = await plimsoll("import", portfolio(chain), "--out", "/dev/null");
    expect(code).toBe(0);
    expect(err).toMatch(/line 3: mark_iv: a volatility of at most 10 .*; got "99"/);
    expect(err).toMatch(/1 refused; each with its reason in .*portfolio\.json\.rejects\.jsonl/);
    expect(existsSync(join(directory, ".plimsoll", "rejects", "portfolio.json.rejects.jsonl"))).toBe(true);
  });

  it("says when nothing listens where it should post", async () => {
    const { code, err } = await plimsoll("import", "sample", "--post", "http://127.0.0.1:9");
    expect(code).toBe(1);
    expect(err).toMatch(/http:\/\/127\.0\.0\.1:9 does not answer: .*that the stage runs/);
  });
});

describe("usage", () => {
  it.each([
    ["an unknown command", ["marginn"], /unknown command 'marginn'\n\(Did you mean margin\?\)/],
    ["an unknown option", ["start", "--onse"], /unknown option '--onse'\n\(Did you mean --once\?\)/],
    ["a missing option", ["margin", "x.json"], /required option '-m, --market <market>' not specified/],
    ["a missing argument", ["margin", "-m", "sample"], /missing required argument 'portfolio'/],
    [
      "a wrong choice",
      ["margin", "x", "-m", "sample", "--method", "guess"],
      /Allowed choices are static, .*portfolio, .*both/,
    ],
    ["too many accounts", ["start", "--accounts", "1e9"], /accounts must be a whole number from 1 to 200000/],
    ["a million positions", ["start", "--positions", "1000000"], /positions must be a whole number from 1 to 1000/],
    ["a shock without a sign of percent", ["start", "--shock", "BTC=-12"], /Write it as BTC=-12%/],
    ["a shock below nothing", ["start", "--shock", "BTC=-100%"], /Write it as BTC=-12%, a move of more than -100 %/],
    ["JSON of a demo", ["start", "--json"], /--json needs --once or --replay/],
    ["both once and replay", ["start", "--once", "--replay", "x"], /exclude each other/],
  ])("%s ends with code 2 and says what is allowed", async (_, words, message) => {
    const { code, err } = await plimsoll(...words);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it.each(["start", "margin", "import", "bench"])("%s --help has examples and ends with code 0", async (command) => {
    const { code, out } = await plimsoll(command, "--help");
    expect(code).toBe(0);
    expect(out).toContain("Examples:");
  });

  it("--help names commands and exit codes", async () => {
    const { out } = await plimsoll("--help");
    for (const command of ["start", "margin", "import", "bench"]) expect(out).toContain(`  ${command} `);
    expect(out).toContain("Exit codes: 0 done, 1 refused or failed, 2 wrong usage.");
  });

  it("a market that cannot be read stops before anything starts", async () => {
    const { code, err } = await plimsoll("start", "--market", "/nowhere/chain.csv");
    expect(code).toBe(1);
    expect(err).toMatch(/\/nowhere\/chain\.csv cannot be read .*check the path/);
  });
});
