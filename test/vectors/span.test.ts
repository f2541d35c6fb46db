import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

describe("published and computed SPAN cases", () => {
  it.each([
    ["span_16_scenarios_single_future", "span_scenarios"],
    ["span_covered_write_risk_array", "span_risk_arrays"],
    ["span_full_algorithm_computed", "span_requirement"],
    ["span_intercommodity_credit_corn_soy", "span_spread_credit"],
  ])("%s passes in every figure", (name, family) => {
    const report = runCaseJson(fixtureCase(name));
    expect(notPassed(report)).toEqual([]);
    expect(report.family).toBe(family);
    expect(report.figures.length).toBeGreaterThan(2);
  });

  it("scans a short of three with the older extreme move", () => {
    const json = fixtureCase("span_16_scenarios_single_future");
    json.inputs.position = { future: -3 };
    const scenarios = json.params.scenarios as { priceFraction: number; weight: number }[];
    scenarios[14] = { ...scenarios[14]!, priceFraction: 4, weight: 0.35 };
    json.params.scenarios = scenarios;
    const figures = computedFigures(json);
    expect(figures["lossByScenario[14]"]).toBeCloseTo(4 * 30_000 * 0.35 * 3, 6);
    expect(figures.scanRisk).toBeCloseTo(126_000, 6);
    expect(figures.activeScenario).toBe(15);
  });

  it("walks several calendar rows by priority, with ratios and both sides", () => {
    const json = fixtureCase("span_full_algorithm_computed");
    json.inputs.netDeltaByTier = { 1: -10, 2: 4, 3: 8 };
    json.inputs.intraSpreads = [
      { tiers: [1, 3], deltaPerSpreadLeg: [1, 2], chargePerSpread: 300, priority: 2 },
      { tiers: [1, 2], deltaPerSpreadLeg: 1, chargePerSpread: 150, priority: 1 },
    ];
    // Row 1 uses 4 of tier 1; row 2 then forms min(6 / 1, 8 / 2) = 4 spreads.
    expect(computedFigures(json).intraCharge).toBe(4 * 150 + 4 * 300);
  });

  it("floors at the short option minimum of the greater side, and keeps option value above the risk when told to", () => {
    const json = fixtureCase("span_full_algorithm_computed");
    Object.assign(json.inputs, { scanRisk: 0, netDeltaByTier: {}, intraSpreads: [], interCommodityCredit: 0 });
    json.inputs.spot = undefined;
    Object.assign(json.inputs, { shortCallPositions: 3, shortPutPositions: 5, longOptionValue: 9000 });
    json.params.shortOptionMinimumMethod = "maximum";
    expect(computedFigures(json)).toMatchObject({ shortOptionMinimum: 1250, totalMaintenance: 1250 - 6000 });
    json.params.limitNetOptionValue = true;
    expect(computedFigures(json)).toMatchObject({ totalMaintenance: 0, totalInitial: 0 });
  });

  it("credits a spread of three commodities", () => {
    const json = fixtureCase("span_intercommodity_credit_corn_soy");
    json.inputs = {
      outright: { soybeans: 2500, meal: 1800, oil: 900 },
      spreadRatio: { soybeans: 10, meal: 11, oil: 9 },
      spreads: 2,
    };
    json.params.creditRate = 0.6;
    const total = 2 * (25_000 + 19_800 + 8_100);
    expect(computedFigures(json)).toEqual({ outrightTotal: total, credit: 0.6 * total, requirement: 0.4 * total });
  });

  // docs/sources.md, SPAN: spreads between commodities.
  it("scans two legs as one with a gain allowance: 6,200 - 0.7 x 4,800 = 2,840 (CME's example)", () => {
    const flat = new Array(16).fill(0);
    const at = (value: number) => flat.map((zero, index) => (index === 12 || index === 13 ? value : zero));
    const figures = computedFigures({
      name: "span_scanning_spread",
      inputs: { lossByLeg: { longBond: at(6200), shortNote: at(-4800) } },
      params: { gainAllowance: 0.7 },
      expected: { requirement: 0, activeScenario: 0 },
      tolerance: { exact: true },
    });
    expect(figures).toEqual({ requirement: 2840, activeScenario: 13 });
  });
});
