import { createMarginEngine, defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { readFixtureJson } from "../support/fixtures.ts";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

interface EthSample {
  inputs: { indexPrice: number; positions: { sizeBase: number; markPrice: number }[] };
  params: Record<string, number>;
  expected: {
    riskVectorByPriceBucket: number[];
    extendedVectorBeforeAggregation: number[];
    worstCase: number;
    rollShock: number;
    initialMargin: number;
    maintenanceMargin: number;
  };
}

const sample = readFixtureJson("vectors/deribit_pme_eth_inverse_perp_short.json") as EthSample;
/** The sample's parameters; the basis charge and the option minimum, which Deribit does not have there, are off. */
function ethParameters(extendedDampenerUsd: number): ParameterSet {
  const { params } = sample;
  const base = defaultParameters.scan[1];
  if (base === undefined) throw new Error("the default parameters have no scan for ETH");
  const scan = {
    ...base,
    priceScanRange: params.priceRange ?? Number.NaN,
    priceStepsPerSide: params.bucketsEachSide ?? Number.NaN,
    extendedFactor: params.extendedTableFactor ?? Number.NaN,
    extendedDampenerUsd,
    calendarMinimumMove: params.minAnnualisedMove ?? Number.NaN,
    calendarAnnualisedMove: params.annualisedMoveRisk ?? Number.NaN,
    basisRate: 0,
    shortOptionRate: 0,
  };
  return { ...defaultParameters, maintenanceToInitialRatio: params.mmFactor ?? Number.NaN, scan: [scan] };
}

function ethShort() {
  const { indexPrice, positions } = sample.inputs;
  const held = positions[0];
  if (held === undefined) throw new Error("the sample holds no position");
  const snapshot = marketSnapshot(
    [underlyingState("ETH", indexPrice)],
    [quotedPerpetual({ instrumentId: "ETH-PERPETUAL", underlying: "ETH", settlement: "inverse" }, held.markPrice)],
  );
  const quantity = held.sizeBase * held.markPrice;
  const position = { instrumentId: "ETH-PERPETUAL", quantity, entryPrice: held.markPrice };
  const account = accountWith({
    poolCurrency: "ETH",
    collateral: [{ asset: "ETH", amount: 1 }],
    positions: [position],
  });
  return { snapshot, account };
}

describe("Deribit's live portfolio margin sample of a short ETH perpetual", () => {
  const { snapshot, account } = ethShort();

  it("has the published cell of every price bucket and every extended move", () => {
    const unit = createMarginEngine(snapshot, ethParameters(0)).scenarioLosses(account)[0];
    if (unit === undefined) throw new Error("no unit");
    const profits = Array.from(unit.losses, (loss) => -loss);
    const { mainCount } = unit.set;
    expect(mainCount).toBe(27);
    for (const [bucket, published] of sample.expected.riskVectorByPriceBucket.entries()) {
      for (let state = 0; state < 3; state += 1) expect(profits[3 * bucket + state]).toBeCloseTo(published, 12);
    }
    const extended = sample.expected.extendedVectorBeforeAggregation;
    expect(profits.slice(mainCount)).toHaveLength(extended.length);
    for (const [index, published] of extended.entries()) {
      expect(profits[mainCount + index]).toBeCloseTo(published, 12);
    }
  });

  it("has the published worst case; the venue's preset its roll shock, initial and maintenance margin as well", () => {
    const parameters = ethParameters(sample.params.extendedDampenerUsd ?? 0);
    const { worstCase, rollShock, initialMargin, maintenanceMargin } = sample.expected;
    const [result, preset] = (["portfolio", "portfolio_deribit"] as const).map((methodId) => {
      const margined = createMarginEngine(snapshot, parameters).margin({ ...account, methodId });
      if (margined.status !== "margined") throw new Error(margined.remedy);
      return {
        ...margined,
        amounts: Object.fromEntries(margined.components.map(({ name, amount }) => [name, amount])),
      };
    });
    if (result === undefined || preset === undefined) throw new Error("two results");
    // A perpetual is never rolled: our own method does not charge for it.
    expect(result.amounts).toEqual({ scan_risk: expect.closeTo(worstCase, 12) });
    expect(preset.amounts).toEqual({
      worst_case: expect.closeTo(worstCase, 12),
      roll_shock: expect.closeTo(rollShock, 12),
    });
    expect(preset.initialMargin / initialMargin).toBeCloseTo(1, 8);
    expect(preset.maintenanceMargin / maintenanceMargin).toBeCloseTo(1, 8);
    expect(result.units[0]?.worstScenario?.label).toBe("ETH +18 %, vol up");
  });

  it("pulls every extended cell of this small book to zero, gains included", () => {
    const unit = createMarginEngine(snapshot, ethParameters(200_000)).scenarioLosses(account)[0];
    expect(Array.from(unit?.losses.slice(unit.set.mainCount) ?? [])).toEqual(new Array(8).fill(0));
  });
});
