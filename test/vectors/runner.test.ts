import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasFailed, reportJson, runCase, runVectors, type VectorCaseReport } from "@plimsoll/conformance";
import { afterAll, describe, expect, it } from "vitest";
import {
  NotApplicable,
  notApplicable,
  parseCase,
  tiedIndex,
  type VectorFamily,
} from "../../packages/conformance/src/case-file.ts";
import { isWithin, toleranceOf } from "../../packages/conformance/src/tolerance.ts";
import { runPlimsoll } from "../support/cli.ts";
import { fixturePath, readFixtureJson } from "../support/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-vectors-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes case files into an empty folder of their own and answers its path. */
function folderWith(files: Readonly<Record<string, unknown>>): string {
  const path = mkdtempSync(join(folder, "case-"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return path;
}

/** A family that answers what it is given as inputs, so that only the comparison is under test. */
const echo: VectorFamily = { family: "echo", handles: () => true, evaluate: ({ inputs }) => ({ ...inputs }) };

function compared(computed: unknown, expected: unknown, tolerance: unknown = {}): VectorCaseReport {
  const file = { name: "case", inputs: computed, expected, tolerance };
  return runCase(parseCase("case.json", file), [echo]);
}

const statuses = (report: VectorCaseReport) => report.figures.map(({ figure, status }) => `${figure} ${status}`);

describe("comparison of figures", () => {
  it("goes leaf by leaf and names each with its JSON path", () => {
    const report = compared(
      { bids: [{ price: 1, taken: true }], "max loss": "cash", extra: 1 },
      { bids: [{ price: 2, taken: true }], "max loss": "cash" },
    );
    expect(statuses(report)).toEqual(["bids[0].price fail", "bids[0].taken pass", '["max loss"] pass']);
    expect(report.status).toBe("fail");
    expect(report.figures[0]).toEqual({
      figure: "bids[0].price",
      status: "fail",
      expected: 2,
      computed: 1,
      difference: -1,
    });
  });

  it("passes within the absolute or the relative tolerance, and never NaN", () => {
    const tolerance = { absolute: 0.01, relative: 1e-3 };
    expect(statuses(compared({ a: 100.09 }, { a: 100 }, tolerance))).toEqual(["a pass"]);
    expect(statuses(compared({ a: 1.009 }, { a: 1 }, tolerance))).toEqual(["a pass"]);
    expect(statuses(compared({ a: 1.011 }, { a: 1 }, tolerance))).toEqual(["a fail"]);
    const file = parseCase("case.json", { name: "n", inputs: {}, expected: { a: 1 }, tolerance });
    const report = runCase(file, [{ ...echo, evaluate: () => ({ a: Number.NaN }) }]);
    expect(report.figures[0]).toEqual({ figure: "a", status: "fail", expected: 1, computed: "NaN" });
  });

  it("asks for equality without a tolerance, and for a list of the same length", () => {
    expect(statuses(compared({ a: 1 + 1e-15 }, { a: 1 }))).toEqual(["a fail"]);
    expect(statuses(compared({ a: 1 }, { a: 1 }, { exact: true }))).toEqual(["a pass"]);
    const short = compared({ a: [1, 2] }, { a: [1, 2, 3] });
    expect(short.figures[0]?.reason).toBe("2 entries are computed, 3 expected");
    expect(short.status).toBe("fail");
  });

  it("takes a figure's own tolerance before the file's", () => {
    const tolerance = {
      short: { absolute: 1 },
      longAbsolute: 2,
      deepRelative: 0.1,
      whole: 3,
      relative: 1e-9,
      truncatedMustMatchExactly: true,
    };
    expect(toleranceOf(["short", 0], tolerance)).toEqual({ absolute: 1, relative: null });
    expect(toleranceOf(["books", 0, "long"], tolerance)).toEqual({ absolute: 2, relative: null });
    expect(toleranceOf(["deep"], tolerance)).toEqual({ absolute: null, relative: 0.1 });
    expect(toleranceOf(["whole"], tolerance)).toEqual({ absolute: 3, relative: null });
    expect(toleranceOf(["initialMarginTruncated"], tolerance)).toEqual({ absolute: null, relative: null });
    expect(toleranceOf(["other"], tolerance)).toEqual({ absolute: null, relative: 1e-9 });
  });

  it("lets rounding be, but neither an index nor a wrong zero", () => {
    const relative = { absolute: null, relative: 1e-9 };
    expect(isWithin(1e-12, 0, relative, 1e6)).toBe(true);
    expect(isWithin(1, 0, relative, 1e12)).toBe(false);
    expect(isWithin(-20000, -19999.999999999996, { absolute: 1e-12, relative: null }, 0)).toBe(true);
    expect(isWithin(20000.0000001, 20000, { absolute: 1e-12, relative: null }, 0)).toBe(false);
  });

  it("accepts any index of a tie, and says so", () => {
    const family = { ...echo, evaluate: () => ({ worst: tiedIndex(1, [5, 7, 7 - 1e-12, 6], 1e-9) }) };
    const judge = (worst: number) =>
      runCase(parseCase("case.json", { name: "n", inputs: {}, expected: { worst } }), [family]).figures[0];
    expect(judge(1)?.status).toBe("pass");
    expect(judge(2)).toMatchObject({ status: "pass", computed: 1, reason: "tied in all but rounding" });
    expect(judge(3)?.status).toBe("fail");
  });

  it("says of a figure that nothing computes that it is not applicable, without passing the case for it", () => {
    const report = compared({ a: 1 }, { b: 1 });
    expect(report.figures[0]?.status).toBe("not_applicable");
    expect(report.status).toBe("not_applicable");
    const family = { ...echo, evaluate: () => ({ a: 1, b: notApplicable("another engine's") }) };
    const mixed = runCase(parseCase("c.json", { name: "n", inputs: {}, expected: { a: 1, b: { c: 2 } } }), [family]);
    expect(mixed.status).toBe("pass");
    expect(mixed.figures[1]).toMatchObject({ figure: "b", status: "not_applicable", reason: "another engine's" });
  });
});

describe("a directory of case files", () => {
  const good = {
    name: "good",
    inputs: { F: 100, K: 100, t: 0, r: 0, sigma: 0.2, type: "call" },
    expected: { price: 0 },
  };

  it("names file and JSON path of what is malformed, and runs the rest", async () => {
    const directory = folderWith({
      "a-broken.json": "{ not json",
      "b-without-expected.json": { name: "b", inputs: {} },
      "c-bad-input.json": { ...good, inputs: { ...good.inputs, sigma: "high" } },
      "d-good.json": good,
      "e-list.json": [1],
      "f-missing.json": {
        name: "f",
        inputs: { spotPrice: 1, stablePrice: 1 },
        params: { scenarios: [], margin: {}, basis: {} },
        expected: { initialMargin: 1 },
      },
    });
    const { cases } = await runVectors(directory);
    expect(cases.map(({ file, status }) => `${file} ${status}`)).toEqual([
      "a-broken.json fail",
      "b-without-expected.json fail",
      "c-bad-input.json fail",
      "d-good.json pass",
      "e-list.json fail",
      "f-missing.json fail",
    ]);
    expect(cases[0]?.reason).toMatch(/^a-broken\.json: the file is not JSON/);
    expect(cases[1]?.reason).toMatch(/^b-without-expected\.json: expected: /);
    expect(cases[2]?.reason).toMatch(/^c-bad-input\.json: inputs\.sigma: /);
    expect(cases[5]?.reason).toMatch(/inputs\.cash: .*params\.volShock|inputs\.cash: /);
  });

  it("says why a case that no family knows is not applicable", async () => {
    const { cases } = await runVectors(
      folderWith({ "x.json": { name: "x", inputs: { riddle: 1 }, expected: { answer: 2 } } }),
    );
    expect(cases[0]).toMatchObject({ family: null, status: "not_applicable" });
    expect(cases[0]?.reason).toContain("riddle");
  });

  it("keeps a kernel's refusal as the reason", async () => {
    const file = readFixtureJson("vectors/derive_pmrm2_test_20_structures_basic_put.json") as {
      inputs: { spotPrice: number };
    };
    const broken = { ...file, inputs: { ...file.inputs, spotPrice: 0 } };
    const { cases } = await runVectors(folderWith({ "p.json": broken }));
    expect(cases[0]?.status).toBe("fail");
    expect(cases[0]?.reason).toContain("spotPrice is 0; it must be a finite number above 0");
  });

  it("reads tables beside the cases as well as in the folder grids", async () => {
    const columns = ["id", "w", "F", "K", "T", "vol", "r", "price"];
    const table = (price: number) => ({ columns, rows: [[0, 1, 100, 90, 0, 0.2, 0, price]] });
    const right = await runVectors(folderWith({ "table.json": table(10) }));
    expect(right.grids[0]).toMatchObject({ family: "black76", status: "pass", rowsChecked: 1 });
    const wrong = await runVectors(folderWith({ "table.json": table(11) }));
    expect(wrong.grids[0]).toMatchObject({ status: "fail", rowsOutsideTolerance: 1 });
    expect(wrong.grids[0]?.columns[0]?.largestAbsoluteError).toBe(1);
    expect(hasFailed(wrong)).toBe(true);
  });
});

describe("the cases of test/fixtures/vectors", async () => {
  const report = await runVectors(fixturePath("vectors"));

  it("all pass, or say why they are not applicable", () => {
    const failed = report.cases.filter(({ status }) => status === "fail");
    expect(
      failed.map(({ name, reason, figures }) => ({
        name,
        reason,
        figures: figures.filter((f) => f.status === "fail"),
      })),
    ).toEqual([]);
    for (const judged of report.cases.filter(({ status }) => status === "not_applicable")) {
      expect(judged.reason, judged.name).toMatch(/\w/);
    }
  });

  it.each([
    ["black76", 1],
    ["black_scholes", 1],
    ["volatility_move", 1],
    ["inverse_profit", 1],
    ["perpetual_option", 1],
    ["power_perpetual", 1],
    ["pool_token", 1],
    ["derive_pmrm_2", 11],
    ["derive_pmrm_1", 2],
    ["derive_srm", 10],
    ["derive_auction", 2],
    ["derive_auction_schedule", 1],
    ["derive_funding", 1],
  ])("has its cases of %s, with every figure computed", (family, count) => {
    const own = report.cases.filter((judged) => judged.family === family);
    expect(own.map(({ status }) => status)).toEqual(Array(count).fill("pass"));
    const left = own.flatMap(({ figures }) => figures.filter(({ status }) => status !== "pass"));
    expect(left).toEqual([]);
  });

  it("has every row of the tables within tolerance", () => {
    expect(
      report.grids.map(({ name, status, rowsChecked, rowsOutsideTolerance }) => ({
        name,
        status,
        rowsChecked,
        rowsOutsideTolerance,
      })),
    ).toEqual([
      { name: "black76", status: "pass", rowsChecked: 1172, rowsOutsideTolerance: 0 },
      { name: "implied_vol", status: "pass", rowsChecked: 255, rowsOutsideTolerance: 0 },
      { name: "portfolios", status: "pass", rowsChecked: 252, rowsOutsideTolerance: 0 },
    ]);
  });

  it("cross the boundary as plain JSON with counts", () => {
    const json = JSON.parse(JSON.stringify(reportJson(report)));
    expect(Object.keys(json)).toEqual(["cases", "grids", "counts"]);
    expect(json.counts.fail).toBe(0);
    expect(json.counts.pass + json.counts.not_applicable).toBe(json.cases.length);
    expect(json.counts.grid_rows_checked).toBe(1172 + 255 + 252);
  });
});

describe("plimsoll vectors", () => {
  const run = (...words: string[]) => runPlimsoll(folder, ["vectors", ...words]);
  const inputs = { F: 100, K: 90, t: 0, r: 0, sigma: 0.2, type: "call" };

  it("exits with 0 when all is well, and prints both numbers", async () => {
    const directory = folderWith({ "a.json": { name: "a", inputs, expected: { price: 10 } } });
    const { code, out } = await run(directory);
    expect(code).toBe(0);
    expect(out).toContain("pass  a  black76");
    expect(out).toMatch(/pass {2}price +10 +10/);
    expect(out).toContain("cases: 1 pass, 0 fail, 0 not applicable");
  });

  it("exits with 1 when a figure fails, in JSON too", async () => {
    const directory = folderWith({ "a.json": { name: "a", inputs, expected: { price: 12 } } });
    const { code, out, err } = await run(directory, "--json");
    expect(code).toBe(1);
    expect(err).toContain("1 of 1 files fail");
    expect(JSON.parse(out).cases[0].figures[0]).toMatchObject({
      figure: "price",
      expected: 12,
      computed: 10,
      status: "fail",
    });
  });

  it("exits with 2 for a directory that is none or holds nothing", async () => {
    expect((await run(join(folder, "nowhere"))).code).toBe(2);
    expect((await run(folderWith({}))).code).toBe(2);
  });
});

describe("not applicable", () => {
  it("can be said of a whole case", () => {
    const family = { ...echo, evaluate: () => new NotApplicable("measured elsewhere") };
    const report = runCase(parseCase("c.json", { name: "n", inputs: {}, expected: { a: 1 } }), [family]);
    expect(report).toMatchObject({ status: "not_applicable", reason: "measured elsewhere", family: "echo" });
  });
});
