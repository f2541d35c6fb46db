import { readFileSync } from "node:fs";
import { createMarginEngine, defaultParameters, severityOf, severityRank } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { collateralSnapshot, engineFor, ethPrice, marginedIn, withAsset } from "../support/collateral.ts";
import { fixturePath, readFixtureJson } from "../support/fixtures.ts";
import { accountWith } from "../support/market.ts";
import { notPassed, runCaseJson } from "../support/vector-case.ts";

describe("published cases, through an account", () => {
  it("OKX's tiers of BETH, each slice at its own rate", () => {
    const file = readFixtureJson("vectors/okx_beth_tiered_discount.json") as {
      inputs: { usdValue: number[] };
      params: { tiers: { upToUsd: number | null; rate: number }[] };
      expected: { discountEquity: number[] };
      tolerance: { absolute: number };
    };
    const bands = file.params.tiers.map(({ upToUsd, rate }) => ({ upToUsd, haircut: 1 - rate }));
    const engine = engineFor(undefined, withAsset("ETH", { initialBands: bands, maintenanceBands: bands }));
    expect(file.inputs.usdValue).toHaveLength(5);
    for (const [index, valueUsd] of file.inputs.usdValue.entries()) {
      const account = accountWith({ collateral: [{ asset: "ETH", amount: valueUsd / ethPrice }] });
      const { marginBalance, initialMarginBalance } = marginedIn(engine, account);
      const expected = file.expected.discountEquity[index] ?? Number.NaN;
      expect(Math.abs(marginBalance - expected)).toBeLessThanOrEqual(file.tolerance.absolute);
      expect(initialMarginBalance).toBe(marginBalance);
    }
  });

  it("Alpha Homora's fair price of a constant-product token, not what its reserves are worth", () => {
    const file = readFixtureJson("vectors/lp_fair_price_constant_product.json") as {
      inputs: { reserve0: number; reserve1: number; price0: number; price1: number; totalSupply: number };
      expected: { fairPrice: number; naiveReservePrice: number };
      tolerance: { relative: number };
    };
    const { reserve0, reserve1, price0, price1, totalSupply } = file.inputs;
    const reserves = [
      { asset: "ETH", amount: reserve0 },
      { asset: "USDC", amount: reserve1 },
    ];
    const token = { kind: "pool_token", asset: "ETHUSDCLP", reserves, totalSupply } as const;
    const snapshot = { ...collateralSnapshot({ ETH: price0, USDC: price1 }), tokens: [token] };
    const account = accountWith({ collateral: [{ asset: "ETHUSDCLP", amount: 1 }] });
    const { equity } = marginedIn(createMarginEngine(snapshot, defaultParameters), account);
    expect(Math.abs(equity / file.expected.fairPrice - 1)).toBeLessThanOrEqual(file.tolerance.relative);
    expect(equity).toBeLessThan(file.expected.naiveReservePrice);
  });
});

describe("case files of collateral", () => {
  const tolerance = { relative: 1e-12 };

  it("take weighted pools, of one item and of several", () => {
    // 80/20 with the weights of the invariant: what the reserves are worth is the fair price; away from it it is more.
    const balanced = { reserves: [8, 400], weights: [0.8, 0.2], prices: [100, 0.5], totalSupply: 10 };
    const one = { name: "weighted", inputs: balanced, params: {}, tolerance };
    expect(notPassed(runCaseJson({ ...one, expected: { fairPrice: 100, naiveReservePrice: 100 } }))).toEqual([]);
    const traded = { ...balanced, reserves: [8 * 2, 400 / 16] };
    const two = { ...one, inputs: { cases: [balanced, traded] } };
    expect(
      notPassed(runCaseJson({ ...two, expected: { fairPrice: [100, 100], naiveReservePrice: [100, 161.25] } })),
    ).toEqual([]);
    const wrong = { ...balanced, weights: [1] };
    expect(runCaseJson({ ...one, inputs: wrong, expected: { fairPrice: 1 } }).status).toBe("fail");
  });

  it("take depeg tiers (Derive: 2 x (0.99 - price), 4 x in its portfolio manager)", () => {
    const params = { depegTiers: [{ belowPrice: 0.99, factor: 4 }] };
    const json = { name: "depeg", inputs: { prices: [1, 0.99, 0.94, 0.5] }, params, tolerance };
    expect(notPassed(runCaseJson({ ...json, expected: { haircut: [0, 0, 0.2, 1] } }))).toEqual([]);
  });

  it("take caps of a redemption rate", () => {
    const params = { anchorRate: 1.25, maximumGrowthPerDay: 0.0002 };
    const json = { name: "cap", inputs: { daysSinceAnchor: [0, 100] }, params, tolerance };
    expect(notPassed(runCaseJson({ ...json, expected: { maximumRate: [1.25, 1.275] } }))).toEqual([]);
  });
});

interface Hour {
  readonly time: string;
  readonly low: number;
  readonly close: number;
}

/** USDC on Kraken, hour by hour, from the day before it lost its peg to the day it had it again. */
function readDepeg(): Hour[] {
  const [, ...lines] = readFileSync(fixturePath("data/stablecoins/kraken_usdcusd_1h_2023-03.csv"), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => {
    const [time = "", , , low, close] = line.split(",");
    return { time, low: Number(low), close: Number(close) };
  });
}

describe("USDC from 10 to 14 March 2023", () => {
  const hours = readDepeg();
  const amount = 1_000_000;
  const account = accountWith({
    collateral: [{ asset: "USDC", amount }],
    positions: [{ instrumentId: "ETH-PERPETUAL", quantity: 3_100, entryPrice: ethPrice }],
  });

  function resultAt(price: number) {
    return marginedIn(engineFor(collateralSnapshot({ USDC: price })), account);
  }

  const path = hours.map(({ time, close }) => ({ time, close, result: resultAt(close) }));

  it("has 97 hours, the lowest trade at 0.874 and the lowest close at 0.901", () => {
    expect(hours).toHaveLength(97);
    expect(Math.min(...hours.map(({ low }) => low))).toBe(0.874);
    expect(Math.min(...hours.map(({ close }) => close))).toBe(0.901);
  });

  it("takes a haircut that rises with every fall of the price, and never counts above the market or par", () => {
    const byPrice = path.toSorted((a, b) => a.close - b.close);
    const haircut = ({ close, result }: (typeof path)[number]) =>
      1 - result.marginBalance / (amount * Math.min(1, close));
    for (const [index, hour] of byPrice.entries()) {
      const { close, result } = hour;
      expect(result.marginBalance).toBeLessThanOrEqual(amount * Math.min(1, close));
      const lower = byPrice[index - 1];
      if (lower === undefined) continue;
      expect(haircut(lower)).toBeGreaterThanOrEqual(haircut(hour) - 1e-12);
      expect(lower.result.marginBalance).toBeLessThanOrEqual(result.marginBalance + 1e-6);
    }
    const [worst] = byPrice;
    if (worst === undefined) throw new Error("no hours");
    // 2 x (0.99 - p) + 2 x (0.95 - p), and the band's 0.1 %.
    expect(haircut(worst)).toBeCloseTo(0.001 + 2 * (0.99 - worst.close) + 2 * (0.95 - worst.close), 9);
  });

  it("gives nothing back by a jump: an hour's gain is at most five times the price's", () => {
    for (const [index, { close, result }] of path.entries()) {
      const before = path[index - 1];
      if (before === undefined) continue;
      const rise = Math.max(0, Math.min(1, close) - Math.min(1, before.close));
      expect(result.marginBalance - before.result.marginBalance).toBeLessThanOrEqual(5 * rise * amount + 1e-6);
    }
  });

  it("calls the account at the bottom, and no more when the peg is back", () => {
    const severities = path.map(({ result }) => severityOf(result, defaultParameters.severity));
    const worst = severities.reduce((a, b) => (severityRank(a) > severityRank(b) ? a : b));
    expect(severities[0]).toBe("NORMAL");
    expect(worst).toBe("MARGIN_CALL");
    expect(severities.at(-1)).toBe("NORMAL");
  });
});
