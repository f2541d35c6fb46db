import { black76Price } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

describe("Deribit's samples", () => {
  it.each([
    ["deribit_extended_table_futures", "deribit_extended_table"],
    ["deribit_extended_dampener", "deribit_dampener"],
    ["deribit_pme_eth_inverse_perp_short", "deribit_portfolio_margin"],
    ["deribit_sm_futures_incremental_margin", "deribit_future_margin"],
  ])("%s passes in every figure", (name, family) => {
    const report = runCaseJson(fixtureCase(name));
    expect(notPassed(report)).toEqual([]);
    expect(report.family).toBe(family);
    expect(report.figures.length).toBeGreaterThan(4);
  });

  it("fills an extended table with options by the same rule", () => {
    const json = fixtureCase("deribit_extended_table_futures");
    const option = { kind: "inverse option", optionType: "call", strike: 90_000, daysToExpiry: 20, markIv: 0.6 };
    json.inputs = { moves: [-0.66, 5], indexPrice: 70_000, options: [{ ...option, amount: -3 }] };
    json.params = { priceRange: 0.16, extendedTableFactor: 1, volatilityRangeUp: 0.5 };
    json.expected = { preAggregatedExtendedVectorCoin: [0, 0] };
    const up = 0.6 * (1 + 0.5 * (30 / 20) ** 0.3);
    const coinAt = (move: number, volatility: number) =>
      black76Price(1, 70_000 * (1 + move), 90_000, 20 / 365, volatility, 1) / (70_000 * (1 + move));
    for (const [index, move] of [-0.66, 5].entries()) {
      const profit = -3 * (coinAt(move, up) - coinAt(0, 0.6));
      const cell = (profit * (0.16 / Math.abs(move)) * (1 + move)) / (1 + Math.sign(move) * 0.16);
      expect(computedFigures(json)[`preAggregatedExtendedVectorCoin[${index}]`]).toBeCloseTo(cell, 12);
    }
  });

  it("margins a linear book in cash, with a dated future's roll and a delta shock", () => {
    const json = fixtureCase("deribit_pme_eth_inverse_perp_short");
    json.inputs = {
      indexPrice: 2000,
      positions: [
        { instrument: "SOL_USDC-FUT", kind: "linear future", sizeBase: -30_000, markPrice: 2000, daysToExpiry: 365 },
      ],
    };
    const { worstCase, rollShock, deltaShock, initialMargin } = computedFigures(json) as Record<string, number>;
    expect(worstCase).toBeCloseTo(30_000 * 2000 * 0.18, 6);
    expect(rollShock).toBeCloseTo(30_000 * 2000 * (Math.exp(0.05) - 1), 6);
    // 60 million, 40 above the threshold: 20,000 units x 4e-6 = 8 %.
    expect(deltaShock).toBeCloseTo(30_000 * 2000 * 0.08, 6);
    expect(initialMargin).toBeCloseTo(worstCase! + rollShock! + deltaShock!, 6);
  });

  it("rates futures of other sizes and names the currency a case starts with", () => {
    const json = fixtureCase("deribit_sm_futures_incremental_margin");
    json.inputs.cases = [{ id: "sol-short", sizeBase: -1000, price: 150 }];
    json.expected = { "sol-short": { imRate: 0, imQuote: 0, mmBase: 0 } };
    const figures = computedFigures(json);
    expect(figures['["sol-short"].imRate']).toBeCloseTo(0.045, 15);
    expect(figures['["sol-short"].imQuote']).toBeCloseTo(0.045 * 1000 * 150, 9);
    expect(figures['["sol-short"].mmBase']).toBeCloseTo(25, 12);
  });

  it("asks of short options what the published rule says", () => {
    const figures = computedFigures({
      name: "deribit_sm_options",
      inputs: {
        cases: [
          { id: "call", optionType: "call", strike: 110_000, underlyingPrice: 100_000, markPrice: 0.02, amount: -2 },
          { id: "deepPut", optionType: "put", strike: 300_000, underlyingPrice: 100_000, markPrice: 2, amount: -1 },
        ],
      },
      params: {},
      expected: { call: { im: 0, mm: 0 }, deepPut: { im: 0, mm: 0 } },
      tolerance: {},
    });
    expect(figures["call.im"]).toBeCloseTo(2 * (0.1 + 0.02), 12);
    expect(figures["call.mm"]).toBeCloseTo(2 * (0.075 + 0.02), 12);
    expect(figures["deepPut.mm"]).toBeCloseTo(0.15 + 2, 12);
    expect(figures["deepPut.im"]).toBeCloseTo(Math.max(0.15 + 2, 2.15), 12);
  });
});
