import { buildCandidates, chooseCandidates, type PortfolioResult } from "@plimsoll/backtest";
import { defaultParameters } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";

/** The result of one portfolio under each candidate: its average margin, or null where it was never margined. */
function resultOf(kind: string, shares: Readonly<Record<string, number | null>>): PortfolioResult {
  const contenders = Object.entries(shares).map(([name, average_margin_share]) => {
    const observations = average_margin_share === null ? 0 : 1_000;
    return { name, average_margin_share, observations, exceptions: 0 };
  });
  return { kind, underlyings: ["BTC"], contenders } as unknown as PortfolioResult;
}

describe("the search for the cheapest parameters", () => {
  it("multiplies what it is asked for, in each combination", () => {
    const base = [{ name: "portfolio", methodId: "portfolio", parameters: defaultParameters }] as const;
    const candidates = buildCandidates(base, ["price_scan_range=0.5,1", "short_option_rate=2"]);
    expect(candidates.map(({ name }) => name)).toEqual([
      "portfolio price_scan_range ×0.5 short_option_rate ×2",
      "portfolio price_scan_range ×1 short_option_rate ×2",
    ]);
    const [scan] = defaultParameters.scan;
    expect(candidates[0]?.parameters.scan[0]?.priceScanRange).toBeCloseTo(scan!.priceScanRange / 2, 6);
    expect(() => buildCandidates(base, ["priceScanRange=1"])).toThrow("--choose priceScanRange=1: write one of");
    expect(() => buildCandidates(base, ["short_option_rate=0"])).toThrow("multiples above 0 to 10");
  });

  // Seen to fail: what a candidate refuses counted as margin of 0, and the one that refuses most was the cheapest.
  it("finds the least average margin, and never one that margins fewer portfolios than another", () => {
    const results = [
      resultOf("long_call", { wide: 0.3, narrow: 0.2, refusing: null }),
      resultOf("short_put", { wide: 0.5, narrow: 0.4, refusing: 0.35 }),
    ];
    const [choice] = chooseCandidates(results, 0.99);
    expect(choice).toMatchObject({ underlying: "BTC", cheapest: "narrow", cheapestOfEveryKind: "narrow" });
    const refusing = choice?.candidates.find(({ name }) => name === "refusing");
    expect(refusing).toMatchObject({ averageMarginShare: 0.35, margined: 1, kindsBelow: ["long_call"] });
  });
});
