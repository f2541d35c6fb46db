import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

describe("the unified maintenance margin ratio", () => {
  it("gives the figures of the case", () => {
    expect(notPassed(runCaseJson(fixtureCase("binance_unimmr_computed")))).toEqual([]);
  });

  it("counts what is owed in full, takes open losses off, and knows the state of the ladder", () => {
    const json = fixtureCase("binance_unimmr_computed");
    json.expected = { adjustedEquity: 0, uniMMR: 0, state: "" };
    json.inputs.openLoss = 500;
    for (const [maintenanceMargin, state] of [
      [70_000, "free"],
      [80_000, "warning"],
      [100_000, "reduce_only"],
      [110_000, "liquidation"],
    ] as const) {
      json.inputs.maintenanceMargin = maintenanceMargin;
      expect(computedFigures(json)).toEqual({ adjustedEquity: 115_000, uniMMR: 115_000 / maintenanceMargin, state });
    }
  });

  it("needs nothing when nothing is required, but an account that owes is not free", () => {
    const json = fixtureCase("binance_unimmr_computed");
    json.expected = { uniMMR: null, state: "" };
    json.inputs.maintenanceMargin = 0;
    expect(computedFigures(json)).toEqual({ uniMMR: null, state: "free" });
    json.inputs.assets = [{ netQty: -1, index: 10, collateralRate: 0.9 }];
    expect(computedFigures(json)).toEqual({ uniMMR: null, state: "liquidation" });
  });
});
