import {
  buildScenarioSet,
  computeHoldingLosses,
  createScenarioSet,
  defaultParameters,
  movedVolatility,
  priceScenarios,
  type ScanParameters,
  type Scenario,
  valueAfterHaircutUsd,
  worstIndex,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { asOfMs, quotedPerpetual } from "../support/market.ts";

function scanOf(underlying: string): ScanParameters {
  const scan = defaultParameters.scan.find((entry) => entry.underlying === underlying);
  if (scan === undefined) throw new Error(`no scan for ${underlying}`);
  return scan;
}

const unmoved: Scenario = { priceMove: 0, volatilityState: 0, extended: false, weight: 1, settlementMove: 0 };

describe("the scenario set of a scan", () => {
  const set = buildScenarioSet(scanOf("BTC"));

  it("has 11 moves by 3 volatilities and 8 extended ones", () => {
    expect(set).toMatchObject({ scenarioCount: 41, mainCount: 33, noMoveIndex: 16 });
    expect(Array.from(set.priceMove.slice(0, 4))).toEqual([-0.1, -0.1, -0.1, -0.1 * 0.8]);
    expect(Array.from(set.volatilityState.slice(0, 3))).toEqual([1, 0, -1]);
    expect(set.priceMove[32]).toBe(0.1);
  });

  it("counts an extended loss with range over move and settles it at the edge", () => {
    expect(set.priceMove[33]).toBe(-0.66);
    expect(set.weight[33]).toBe(0.1 / 0.66);
    expect(set.settlementMove[33]).toBe(-0.1);
    expect(set.weight[40]).toBe(0.1 / 5);
    expect(Array.from(set.extended)).toEqual([...new Array(33).fill(0), ...new Array(8).fill(1)]);
  });

  it("is labelled for people", () => {
    expect(set.labels.at(0)).toBe("BTC −10 %, vol up");
    expect(set.labels.at(16)).toBe("BTC unmoved");
    expect(set.labels.at(32)).toBe("BTC +10 %, vol down");
    expect(set.labels.at(40)).toBe("BTC +500 %, vol up");
    expect(new Set(set.ids).size).toBe(41);
  });

  it.each([
    ["priceScanRange", { priceScanRange: 1 }],
    ["priceStepsPerSide", { priceStepsPerSide: 0.5 }],
    ["extendedMoves", { extendedMoves: [0.1] }],
  ])("refuses a bad %s by name", (field, changes) => {
    expect(() => buildScenarioSet({ ...scanOf("BTC"), ...changes })).toThrow(field);
  });

  it.each([
    ["no scenario without a move", [{ ...unmoved, priceMove: 0.1 }]],
    ["the same scenario twice", [unmoved, unmoved]],
    ["priceMove", [unmoved, { ...unmoved, priceMove: -1 }]],
    ["weight", [unmoved, { ...unmoved, priceMove: 0.1, weight: 1.1 }]],
    ["extended scenarios last", [{ ...unmoved, priceMove: 0.5, extended: true }, unmoved]],
  ])("refuses a list with %s", (message, scenarios) => {
    expect(() => createScenarioSet("BTC", scenarios)).toThrow(message);
  });
});

describe("a moved volatility", () => {
  it("has its floor when it moves up only, and is never negative", () => {
    const scan = scanOf("BTC");
    expect(movedVolatility(0.2, 30, 1, scan)).toBe(0.5);
    expect(movedVolatility(0.2, 30, 0, scan)).toBe(0.2);
    expect(movedVolatility(0.2, 30, -1, scan)).toBeCloseTo(0.13, 15);
    expect(movedVolatility(0.2, 0.1, -1, { ...scan, volatilityDown: 0.9 })).toBe(0);
  });
});

describe("losses", () => {
  it("are worst at the first of equal losses", () => {
    const losses = Float64Array.of(-1, 3, 2, 3);
    expect(worstIndex(losses, 0, 4)).toBe(1);
    expect(worstIndex(losses, 2, 4)).toBe(3);
    expect(worstIndex(losses, 2, 2)).toBe(-1);
  });
});

describe("a haircut", () => {
  it("counts nothing beyond a last band that ends, and all of a debt", () => {
    const bands = [{ upToUsd: 100, haircut: 0.1 }];
    expect(valueAfterHaircutUsd(50, bands)).toBe(45);
    expect(valueAfterHaircutUsd(500, bands)).toBe(90);
    expect(valueAfterHaircutUsd(-500, bands)).toBe(-500);
    expect(valueAfterHaircutUsd(500, [])).toBe(0);
  });
});

describe("risk arrays of methods", () => {
  it("are priced once for grids that are the same, and apart for others", () => {
    const scan = scanOf("BTC");
    const quoted = quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC" }, 60_000);
    const [one, same, other, later] = [
      priceScenarios(buildScenarioSet(scan), scan, asOfMs),
      priceScenarios(buildScenarioSet({ ...scan }), { ...scan }, asOfMs),
      priceScenarios(buildScenarioSet(scan), { ...scan, volatilityUp: 0.9 }, asOfMs),
      priceScenarios(buildScenarioSet(scan), scan, asOfMs + 1),
    ].map((priced) => {
      computeHoldingLosses([{ quoted, quantity: 1 }], priced, 60_000, "cash");
      return priced.arrays.get(quoted);
    });
    expect(one).toBeDefined();
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    expect(later).not.toBe(one);
  });
});
