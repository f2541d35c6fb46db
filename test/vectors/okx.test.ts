import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

const variant = (
  inputs: Record<string, unknown>,
  params: Record<string, unknown>,
  expected: Record<string, unknown>,
) => ({
  name: "okx_variant",
  inputs,
  params,
  expected,
  tolerance: { relative: 1e-12 },
});

describe("OKX", () => {
  it("counts collateral by tiers, each slice at its own rate", () => {
    expect(notPassed(runCaseJson(fixtureCase("okx_beth_tiered_discount")))).toEqual([]);
    const json = fixtureCase("okx_beth_tiered_discount");
    json.inputs.usdValue = [-5000, 0, 9_000_000];
    json.expected = { discountEquity: [-5000, 0, 5_600_000] };
    expect(notPassed(runCaseJson(json))).toEqual([]);
  });

  // docs/sources.md, OKX portfolio margin.
  it("charges hedged stablecoins by brackets: 10 million at 0.75, 1.75 and 2.5 % is 202,500", () => {
    const brackets = [
      { upToUsd: 1_000_000, rate: 0.0075 },
      { upToUsd: 5_000_000, rate: 0.0175 },
      { upToUsd: 10_000_000, rate: 0.025 },
    ];
    const json = variant({ hedgedUsd: [10_000_000, 500_000] }, { brackets }, { charge: [202_500, 3750] });
    expect(notPassed(runCaseJson(json))).toEqual([]);
    const beyond = runCaseJson(variant({ hedgedUsd: 11_000_000 }, { brackets }, { charge: [0] }));
    expect(beyond.status).toBe("fail");
    expect(beyond.reason).toContain("end with null");
  });

  it("multiplies each slice of a raw minimum charge by its own tier (OKX: 30,000 gives 10,000 + 20,000 x 2)", () => {
    const tiers = [
      { upToUsd: 250_000, multiplier: 1 },
      { upToUsd: 500_000, multiplier: 2 },
      { upToUsd: null, multiplier: 12 },
    ];
    const json = variant(
      { rawChargeUsd: [250_000, 250_001, 1e7] },
      { tiers },
      { adjustedCharge: [250_000, 250_002, 114_750_000] },
    );
    expect(notPassed(runCaseJson(json))).toEqual([]);
  });

  it("puts the modules together in the published shape", () => {
    const modules = { mr1: 100, mr2: 5, mr3: 7, mr4: 3, mr5: 1, mr6: 120, mr7: 20, borrowMmr: 10, borrowImr: 15 };
    expect(computedFigures(variant(modules, {}, { mmr: 0, imr: 0 }))).toEqual({ mmr: 141, imr: 1.3 * 131 + 15 });
    expect(computedFigures(variant({ ...modules, mr7: 500 }, {}, { mmr: 0, imr: 0 }))).toEqual({ mmr: 510, imr: 665 });
  });
});
