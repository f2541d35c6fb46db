import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeSeverity, groupDigits, noCall } from "@plimsoll/calls";
import { snapshotOfBatch } from "@plimsoll/markets";
import { createMarginEngine, defaultParameters } from "@plimsoll/risk";
import { portfolioFile, quote, stateMargin } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { compareReport } from "../../packages/cli/src/compare/compare-report.ts";
import { explainReport } from "../../packages/cli/src/explain/explain-report.ts";
import { accountOf, marginReport } from "../../packages/cli/src/margin/margin-report.ts";
import { plainPaint } from "../../packages/cli/src/output/terminal.ts";
import { spanReport, spanText } from "../../packages/cli/src/span/span-report.ts";
import { stressReport } from "../../packages/cli/src/stress/stress-report.ts";
import { runPlimsoll } from "../support/cli.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-rounding-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Prices whose products have more digits than any amount is stated in. */
const market = {
  source: "test",
  observed_at: "2026-03-02T12:00:00.000Z",
  quotes: [
    { kind: "index", underlying: "BTC", index_price: "67985.1237" },
    { kind: "index", underlying: "USDC", index_price: "0.99987" },
    {
      kind: "perpetual",
      instrument_id: "BTC_USDC-PERPETUAL",
      underlying: "BTC",
      settlement: "linear",
      quote_currency: "USDC",
      contract_size: "1",
      forward_price: "67985.1237",
      mark_price: "67991.7731",
    },
    {
      kind: "option",
      instrument_id: "BTC-27MAR26-70000-P",
      underlying: "BTC",
      settlement: "inverse",
      quote_currency: "USD",
      contract_size: "1",
      forward_price: "68201.333",
      mark_price: "0.054321987",
      option_type: "put",
      strike: "70000",
      expiry: "2026-03-27T08:00:00Z",
      mark_volatility: "0.5317",
    },
  ].map((wire) => quote.parse(wire)),
};
const marketPath = fileOf("market.json", market);
const snapshot = snapshotOfBatch(market);
const engine = createMarginEngine(snapshot, defaultParameters);

function fileOf(name: string, value: unknown): string {
  const path = join(root, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const perpetual = { instrument_id: "BTC_USDC-PERPETUAL", quantity: "0.7713", entry_price: "66123.457" };
const put = { instrument_id: "BTC-27MAR26-70000-P", quantity: "-1.37", entry_price: "0.0512345" };
const portfolios = [
  ["USD", "USD", "31234.57", [perpetual, put]],
  ["USD", "USD", "12345.67", [perpetual]],
  ["USDC", "USDC", "17777.77", [{ ...perpetual, quantity: "-0.7713" }]],
  ["USDC", "USDC", "40123.45", [perpetual, put]],
  ["BTC", "BTC", "0.61234567", [put]],
  ["BTC", "BTC", "0.3", [put]],
] as const;

async function run(...words: string[]): Promise<string> {
  const done = await runPlimsoll(root, words);
  expect(done).toMatchObject({ code: 0, err: "" });
  return done.out;
}

// Seen to fail: the distances of explain were rounded apart from the headroom of margin (by a cent, or a hundred-millionth),
// the losses and effects of its holdings down, and span margin rounded requirements down.
describe("one amount has one rounding, whichever command says it", () => {
  it.each(portfolios.map((row, index) => [index, ...row] as const))(
    "portfolio %i in %s",
    async (index, pool, asset, amount, positions) => {
      const portfolio = {
        account_id: `book-${index}`,
        pool_currency: pool,
        collateral: [{ asset, amount }],
        positions,
      };
      const path = fileOf("portfolio.json", portfolio);
      const said = async (command: string) =>
        [
          await run(command, path, "--market", marketPath),
          JSON.parse(await run(command, path, "--market", marketPath, "--json")),
        ] as const;
      const [marginText, marginJson] = await said("margin");
      const [compareText, compareJson] = await said("compare");
      const [explainText, explainJson] = await said("explain");
      const [stressText, stressJson] = await said("stress");
      const [margin] = marginReport.parse(marginJson).methods;
      if (margin?.status !== "margined") throw new Error("not margined");
      const compared = compareReport.parse(compareJson).methods.find(({ method_id }) => method_id === "portfolio");
      const explained = explainReport.parse(explainJson);
      const stressed = stressReport.parse(stressJson);

      for (const name of ["initial_margin", "maintenance_margin", "margin_balance", "components"] as const) {
        expect(compared).toMatchObject({ [name]: margin[name] });
      }
      for (const [name, value] of Object.entries(margin)) {
        if (name in explained.margin && name !== "units") expect(explained.margin).toMatchObject({ [name]: value });
      }
      expect(stressed).toMatchObject({ equity: margin.equity, initial_margin: margin.initial_margin });
      const levels = new Map(explained.levels.map((level) => [level.severity, level]));
      expect(levels.get("LIQUIDATION")).toMatchObject({
        required: margin.maintenance_margin,
        balance: margin.margin_balance,
        distance: margin.margin_headroom,
      });
      expect(levels.get("MARGIN_CALL")).toMatchObject({
        required: margin.initial_margin,
        balance: margin.initial_margin_balance,
        distance: margin.available_funds,
      });
      const [unit] = margin.units;
      expect(explained.scenario_loss).toBe(unit?.worst_scenario?.loss);
      if (positions.length === 1) {
        expect(explained.holdings[0]).toMatchObject({
          scenario_loss: unit?.worst_scenario?.loss,
          initial_margin: margin.initial_margin,
          maintenance_margin: margin.maintenance_margin,
        });
      }

      const result = engine.margin(accountOf(portfolioFile.parse(portfolio), "a", "portfolio", snapshot));
      if (result.status !== "margined") throw new Error("not margined");
      const event = changeSeverity(noCall, "REDUCE_ONLY", {
        accountId: "a",
        poolId: "cross",
        environment: "local",
        occurredAtMs: snapshot.asOfMs,
        asOfMs: snapshot.asOfMs,
        priceAgeMs: 0,
        priceQuality: "good",
        engineVersion: "test",
        margin: stateMargin(result, 1),
        ladder: [],
        amountRequired: "0",
        restoreTo: "none",
        restoreRatio: null,
        graceMs: null,
      })?.event;
      const texts = [marginText, explainText, event?.text ?? "", compareText, stressText];
      for (const text of texts) expect(text).toContain(groupDigits(margin.initial_margin));
      for (const text of texts.slice(0, 4)) expect(text).toContain(groupDigits(margin.maintenance_margin));
      for (const text of texts.slice(0, 2)) expect(text).toContain(groupDigits(margin.margin_headroom));
      for (const text of [marginText, stressText, event?.text]) expect(text).toContain(groupDigits(margin.equity));
      for (const text of [marginText, compareText, explainText, stressText])
        expect(text).toMatch(new RegExp(`^ {2}Account book-${index} `));
    },
  );

  it("span margin rounds what is asked up, and what is credited down", () => {
    const amounts = { scan_risk: 10.001, intra_charge: 1.001, delivery_charge: 0, inter_credit: 2.009 };
    const row = {
      ...amounts,
      short_option_minimum: 0,
      net_option_value: 0,
      total_maintenance: 8.993,
      total_initial: 8.993,
    };
    const report = spanReport.parse({
      schema_version: 1,
      business_date: "20260302",
      clearing_organisation: "X",
      commodities: [{ combined_commodity: "A", currency: "USD", active_scenario: 1, ...row }],
      currencies: [{ currency: "USD", maintenance: 8.993, initial: 8.993 }],
    });
    const text = spanText(report, plainPaint);
    expect(text).toMatch(/10\.01 +1 +1\.01 +0\.00 +2\.00 +0\.00 +0\.00 +9\.00/);
    expect(text).toContain("Initial margin 9.00 USD, maintenance 9.00 USD");
  });
});
