import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importMarket, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters, type MethodId, methodIds } from "@plimsoll/risk";
import { portfolioFile, toNumber } from "@plimsoll/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CompareReport, compareReport, reportComparison } from "../../packages/cli/src/compare/compare-report.ts";
import { runPlimsoll } from "../support/cli.ts";
import { fixturePath } from "../support/fixtures.ts";
import {
  compareTypical,
  initialBy,
  type TypicalName,
  typicalNames,
  typicalPath,
  typicalTable,
} from "../support/typical-portfolios.ts";

/** Methods that revalue the whole book, collateral included, over scenarios. */
const scans: readonly MethodId[] = [
  "tims",
  "portfolio",
  "portfolio_deribit",
  "portfolio_okx",
  "portfolio_paradex",
  "portfolio_bybit",
  "derive_pmrm_2",
  "derive_pmrm_1",
];
/** Methods that take collateral for what its haircut says. */
const rules: readonly MethodId[] = ["isolated", "standard", "span", "derive_srm"];

const chainPath = "data/options/deribit_chain_20260205T155132Z.csv.gz";
let typical: ReadonlyMap<TypicalName, CompareReport>;
let compareOther: (
  positions: Readonly<Record<string, string>>,
  collateral: Readonly<Record<string, string>>,
) => CompareReport;

beforeAll(async () => {
  typical = await compareTypical();
  const snapshot = snapshotOfBatch((await importMarket(fixturePath(chainPath))).batch);
  compareOther = (positions, collateral) =>
    reportComparison({
      portfolio: portfolioFile.parse({
        collateral: Object.entries(collateral).map(([asset, amount]) => ({ asset, amount })),
        positions: Object.entries(positions).map(([instrument_id, quantity]) => ({ instrument_id, quantity })),
      }),
      snapshot,
      source: "recorded",
      parameters: defaultParameters,
    });
});

function reportOf(name: TypicalName): CompareReport {
  const report = typical.get(name);
  if (report === undefined) throw new Error(`no report of ${name}`);
  return report;
}

/** They ask no more than a book can lose. */
const ownMethods: readonly MethodId[] = ["static", "portfolio", "var"];

function initial(report: CompareReport, methodId: MethodId): number {
  const amount = initialBy(report, methodId);
  if (amount === null) throw new Error(`${report.account_id} is not margined by ${methodId}`);
  return amount;
}

describe.each(typicalNames)("%s on the chain of 5 February 2026", (name) => {
  it("is margined by every method but the account ratio, which has no options", () => {
    const refused = reportOf(name).methods.filter(({ status }) => status === "not_margined");
    expect(refused.map(({ method_id }) => method_id)).toEqual(name === "perpetual-basis" ? [] : ["account_ratio"]);
    expect(reportOf(name).methods.map(({ method_id }) => method_id)).toEqual([...methodIds]);
  });

  it("asks something, no less for initial than for maintenance, and the components add up", () => {
    for (const method of reportOf(name).methods) {
      if (method.status === "not_margined") continue;
      const amount = toNumber(method.initial_margin);
      // A box can lose nothing, and our own methods ask no more than that.
      if (name !== "box" || !ownMethods.includes(method.method_id)) expect(amount).toBeGreaterThan(0);
      expect(amount).toBeGreaterThanOrEqual(toNumber(method.maintenance_margin));
      const sum = method.components.reduce((total, component) => total + toNumber(component.amount), 0);
      expect(Math.abs(sum - amount)).toBeLessThan(0.1);
    }
  });

  it("has a profile that is nothing where nothing moves", () => {
    for (const { curves, index_price } of reportOf(name).profiles) {
      const unmoved = curves.find(({ volatility }) => volatility === "unmoved");
      expect(unmoved?.points.find(({ price }) => price === index_price)?.pnl).toBe(0);
    }
  });
});

describe("what a professional expects", () => {
  it("naked short call: rules and scans of 10 to 20 % agree within a factor of 2.6", () => {
    const report = reportOf("naked-short-call");
    const amounts = [...scans, ...rules].filter((id) => id !== "tims").map((id) => initial(report, id));
    expect(Math.max(...amounts) / Math.min(...amounts)).toBeLessThan(2.6);
    // TIMS moves no volatility.
    expect(initial(report, "tims")).toBeLessThan(Math.min(...amounts));
  });

  it("covered call: coins and calls together ask less than apart where collateral is scanned, the same where it is not", () => {
    const covered = reportOf("covered-call");
    const naked = reportOf("naked-short-call");
    const coins = compareOther({}, { BTC: "10" });
    for (const id of scans) {
      expect(initial(covered, id)).toBeLessThan(initial(naked, id) + initial(coins, id));
    }
    for (const id of rules) expect(initial(covered, id)).toBe(initial(naked, id));
  });

  it("iron condor: no scan asks more than the width less the premium, the standard rules more", () => {
    const report = reportOf("iron-condor");
    const greatestLoss = initial(report, "derive_srm");
    expect(greatestLoss).toBeLessThan(100_000);
    expect(greatestLoss).toBeGreaterThan(70_000);
    for (const id of [...scans, "span"] as const) expect(initial(report, id)).toBeLessThan(greatestLoss);
    expect(initial(report, "standard")).toBeGreaterThan(greatestLoss);
  });

  it("calendar: a scan asks a small part of the short leg alone", () => {
    const short = compareOther({ "BTC-27FEB26-70000-C": "-10" }, { USD: "500000" });
    for (const id of [...scans, "span"] as const) {
      expect(initial(reportOf("calendar"), id)).toBeLessThan(0.5 * initial(short, id));
    }
  });

  it("box: worth the same whatever happens, so that scans ask next to nothing and rules what it is worth and more", () => {
    const report = reportOf("box");
    for (const id of ["portfolio_deribit", "portfolio_bybit"] as const) {
      expect(initial(report, id)).toBeLessThan(200);
    }
    for (const id of ownMethods) expect(initial(report, id)).toBe(0);
    // Minimum charges of OKX, Paradex and TIMS, and Derive's static discount of what is owned.
    for (const id of scans) expect(initial(report, id)).toBeLessThan(0.1 * 200_000);
    for (const id of rules) expect(initial(report, id)).toBeGreaterThan(199_000);
    for (const { curves } of report.profiles) {
      for (const { pnl } of curves.flatMap(({ points }) => points)) expect(Math.abs(pnl)).toBeLessThan(200);
    }
  });

  it("perpetual basis: coins against a short perpetual scan to nothing; what remains is basis and size", () => {
    const report = reportOf("perpetual-basis");
    const short = compareOther({ "BTC-PERPETUAL": "-67951" }, { USD: "500000" });
    for (const id of scans) expect(initial(report, id)).toBeLessThan(0.3 * initial(short, id));
    for (const id of rules) expect(initial(report, id)).toBe(initial(short, id));
    const scanned = report.methods.find(({ method_id }) => method_id === "portfolio");
    expect(scanned).toMatchObject({ status: "margined", worst_scenario: null });
  });

  it("long straddle: nobody can lose more than it is worth", () => {
    const report = reportOf("long-straddle");
    const worth = initial(report, "standard");
    for (const id of [...scans, ...rules]) expect(initial(report, id)).toBeLessThanOrEqual(1.005 * worth);
    for (const id of scans) expect(initial(report, id)).toBeLessThan(0.5 * worth);
  });

  it("ratio spread: less than the calls it is short beyond its long ones, but for those who look at far moves", () => {
    const report = reportOf("ratio-spread");
    for (const { method_id, status, ...rest } of report.methods) {
      if (status === "not_margined" || !("worst_scenario" in rest) || rest.worst_scenario === null) continue;
      expect(rest.worst_scenario.label).toContain("+");
    }
    expect(initial(report, "portfolio_paradex")).toBeGreaterThan(initial(report, "portfolio"));
    expect(initial(report, "standard")).toBeGreaterThan(2 * initial(report, "portfolio"));
  });

  it("dispersion: SPAN, TIMS and Deribit credit BTC against ETH by name, everybody else scans each side by itself", () => {
    const report = reportOf("dispersion");
    const usd = { USD: "500000" };
    const btc = compareOther({ "BTC-27MAR26-68000-C": "-5", "BTC-27MAR26-68000-P": "-5" }, usd);
    const eth = compareOther({ "ETH-27MAR26-2000-C": "170", "ETH-27MAR26-2000-P": "170" }, usd);
    const credits = new Map<MethodId, string>([
      ["span", "inter_commodity_credit"],
      ["tims", "product_group_credit"],
      ["portfolio_deribit", "currency_offset_credit"],
    ]);
    for (const id of [...scans, ...rules]) {
      const method = report.methods.find(({ method_id }) => method_id === id);
      if (method?.status !== "margined") throw new Error(`${id} does not margin the dispersion`);
      const credit = method.components
        .filter(({ name }) => name === credits.get(id))
        .reduce((sum, { amount }) => sum + toNumber(amount), 0);
      if (credits.has(id)) expect(credit).toBeLessThan(0);
      expect(initial(report, id)).toBeCloseTo(initial(btc, id) + initial(eth, id) + credit, 0);
    }
  });

  it("coin-collateralised short put: where collateral is scanned it costs more than against dollars", () => {
    const coins = reportOf("coin-collateralised-short-put");
    const dollars = compareOther({ "BTC-27MAR26-60000-P": "-10" }, { USD: "680000" });
    for (const id of scans) expect(initial(coins, id)).toBeGreaterThan(2 * initial(dollars, id));
    for (const id of rules) expect(initial(coins, id)).toBe(initial(dollars, id));
  });

  it("efficiency against static is the ratio of the initial margins", () => {
    for (const report of typical.values()) {
      for (const method of report.methods) {
        if (method.status === "not_margined") continue;
        const amount = toNumber(method.initial_margin);
        const baseline = initial(report, "static");
        if (amount === 0 || baseline === 0) expect(method.capital_efficiency).toBeNull();
        else expect(method.capital_efficiency).toBeCloseTo(baseline / amount, 6);
      }
    }
  });
});

describe("docs/methods/compare.md", () => {
  it("shows the table as computed", () => {
    const page = readFileSync(new URL("../../docs/methods/compare.md", import.meta.url), "utf8");
    expect(page).toContain(typicalTable(typical));
  });
});

describe("plimsoll compare", () => {
  const root = mkdtempSync(join(tmpdir(), "plimsoll-compare-"));
  afterAll(() => rmSync(root, { recursive: true }));

  const plimsoll = (...words: string[]) => runPlimsoll(root, words);

  const condor = fileURLToPath(typicalPath("iron-condor"));

  it("prints all methods side by side with their components, and says who does not margin it and why", async () => {
    const { code, out } = await plimsoll("compare", condor, "--market", fixturePath(chainPath));
    expect(code).toBe(0);
    for (const methodId of methodIds) expect(out).toContain(methodId);
    expect(out).toMatch(/portfolio +[\d,]+\.\d\d +[\d,]+\.\d\d +[\d.]+ × +BTC \+10 %, vol up/);
    expect(out).toMatch(/Not margined by account_ratio: BTC-27FEB26-50000-P: .*no options/);
  });

  it("prints JSON of its contract", async () => {
    const { code, out } = await plimsoll("compare", condor, "--market", fixturePath(chainPath), "--json");
    expect(code).toBe(0);
    expect(compareReport.parse(JSON.parse(out)).methods).toHaveLength(methodIds.length);
  });

  it("writes a page that loads nothing, with a row for each method and a line for each volatility state", async () => {
    const page = join(root, "page.html");
    expect((await plimsoll("compare", condor, "--market", fixturePath(chainPath), "--html", page)).code).toBe(0);
    const html = readFileSync(page, "utf8");
    expect(html.match(/<path /g)).toHaveLength(3);
    for (const methodId of methodIds) expect(html).toContain(`<td>${methodId}<`);
    expect(html).not.toMatch(/(?:src|href)=|url\(|@import|<script/);
    expect(html).not.toContain("NaN");
  });

  it("fails, naming field and value, when no method can margin the portfolio", async () => {
    const path = join(root, "unknown.json");
    writeFileSync(path, JSON.stringify({ positions: [{ instrument_id: "BTC-1JAN20-1-C", quantity: "1" }] }));
    const { code, err } = await plimsoll("compare", path, "--market", fixturePath(chainPath));
    expect(code).toBe(1);
    expect(err).toContain("positions[0].instrument_id is BTC-1JAN20-1-C");
  });
});
