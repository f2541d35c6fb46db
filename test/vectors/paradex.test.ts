import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

interface ParadexJson {
  inputs: { books: { options: Record<string, unknown>[]; perp: number }[] };
  params: { scenarios: { spotShock: number; volShock: number; weight: number }[] };
}

describe("Paradex's 24 scenarios", () => {
  it("gives every figure of every book", () => {
    const report = runCaseJson(fixtureCase("paradex_scan_margin_computed"));
    expect(notPassed(report)).toEqual([]);
    expect(report.figures.length).toBe(32);
  });

  it("cuts the margin of a short straddle leg hedged with a perpetual by more than half, as the venue's FAQ says", () => {
    const figures = computedFigures(fixtureCase("paradex_scan_margin_computed")) as Record<string, number>;
    expect(figures["books[1].netPortfolioImr"]! / figures["books[0].netPortfolioImr"]!).toBeLessThan(0.5);
  });

  it("takes any list of volatility moves, one without a move among them", () => {
    const json = fixtureCase("paradex_scan_margin_computed");
    const { inputs, params } = json as unknown as ParadexJson;
    inputs.books = [{ options: [], perp: -2 }];
    params.scenarios = [
      { spotShock: 0, volShock: 0, weight: 1 },
      { spotShock: 0.1, volShock: 0.75, weight: 0.9 },
      { spotShock: 0.1, volShock: 0, weight: 1 },
      { spotShock: 0.3, volShock: -0.5, weight: 0.2 },
    ];
    json.expected = { books: [{ scanRisk: 0, worstScenario: 0, minDeltaRequirement: 0, netPortfolioImr: 0 }] };
    expect(computedFigures(json)).toEqual({
      "books[0].scanRisk": expect.closeTo(20_000, 6),
      "books[0].worstScenario": 3,
      "books[0].minDeltaRequirement": 4000,
      "books[0].netPortfolioImr": expect.closeTo(20_000, 6),
    });
  });

  it("adds provisions to both margins in full", () => {
    const json = fixtureCase("paradex_scan_margin_computed");
    Object.assign(json.inputs, { books: [{ options: [], perp: 1, fundingProvision: 12, feeProvision: 8 }] });
    json.expected = { books: [{ imr: 0, mmr: 0 }] };
    expect(computedFigures(json)).toEqual({ "books[0].imr": 16_020, "books[0].mmr": 8020 });
  });
});
