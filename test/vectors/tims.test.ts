import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

describe("TIMS valuation points", () => {
  it("gives every point, class group and requirement of the case", () => {
    const report = runCaseJson(fixtureCase("tims_valuation_points_computed"));
    expect(notPassed(report)).toEqual([]);
    expect(report.figures.length).toBeGreaterThan(40);
  });

  it("lets the minimum charge floor a flat book, and counts options that the case does not", () => {
    const json = fixtureCase("tims_valuation_points_computed");
    const stock = { kind: "stock", quantity: 100, strike: null, markNow: null };
    json.inputs.classGroups = [
      {
        name: "A",
        spot: 100,
        positions: [stock, { ...stock, quantity: -100 }, { kind: "put", quantity: -300, strike: 1, markNow: 0 }],
      },
    ];
    delete json.params.optionContracts;
    json.expected = { scanRequirement: 0, minimumCharge: 0, requirement: 0 };
    expect(computedFigures(json)).toEqual({ scanRequirement: 0, minimumCharge: 112.5, requirement: 112.5 });
  });

  it("nets nothing across class groups at an offset of 0, and everything at 1", () => {
    const json = fixtureCase("tims_valuation_points_computed");
    json.expected = { scanRequirement: 0, "points[0].charge": 0, points: json.expected.points };
    json.params.productGroupOffset = 0;
    // To the last bits of a sum of decimals.
    expect(computedFigures(json).scanRequirement).toBeCloseTo(1300, 9);
    json.params.productGroupOffset = 1;
    expect(computedFigures(json).scanRequirement).toBeCloseTo(1125 - 700, 9);
  });

  it("values options by model when the case says so", () => {
    const json = fixtureCase("tims_valuation_points_computed");
    json.params.optionValueAtPoint = "model";
    json.inputs.classGroups = [
      {
        name: "A",
        spot: 100,
        positions: [{ kind: "call", quantity: -100, strike: 100, markNow: 3.9, iv: 0.4, daysToExpiry: 30 }],
      },
    ];
    json.expected = { scanRequirement: 0 };
    const { scanRequirement } = computedFigures(json) as { scanRequirement: number };
    // A call 15 % in the money is worth its intrinsic 15 and a little time value.
    expect(scanRequirement).toBeGreaterThan(100 * (15 - 3.9));
    expect(scanRequirement).toBeLessThan(100 * (16 - 3.9));
  });
});
