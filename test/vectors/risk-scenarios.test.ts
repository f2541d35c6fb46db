import {
  accumulateLosses,
  buildScenarioSet,
  createMarginEngine,
  createRiskArrays,
  createScenarioSet,
  defaultParameters,
  exp,
  type MarginedPool,
  type ParameterSet,
  reserveRiskArray,
  type ScanParameters,
  type Scenario,
  valueAfterHaircutUsd,
  volatilityMultiplier,
  worstIndex,
  writeRiskArray,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { readFixtureJson } from "../support/fixtures.ts";
import {
  accountWith,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

/** The scan of any coin with changes, under the default parameters but for it. */
function parametersWith(changes: Partial<ScanParameters>): { parameters: ParameterSet; scan: ScanParameters } {
  const generic = defaultParameters.scan.find(({ underlying }) => underlying === "*");
  if (generic === undefined) throw new Error("the default parameters have no scan for *");
  const scan = { ...generic, ...changes };
  return { parameters: { ...defaultParameters, scan: [scan] }, scan };
}

function marginedBy(parameters: ParameterSet, ...[snapshot, account]: [MarketArgument, AccountArgument]): MarginedPool {
  const result = createMarginEngine(snapshot, parameters).margin(account);
  if (result.status !== "margined") throw new Error(`${result.field}: ${result.value}`);
  return result;
}
type MarketArgument = Parameters<typeof createMarginEngine>[0];
type AccountArgument = ReturnType<typeof accountWith>;

function componentOf(result: MarginedPool, name: string): number {
  return result.components.find((component) => component.name === name)?.amount ?? 0;
}

describe("profit grids of whole portfolios", () => {
  const file = readFixtureJson("vectors/grids/portfolios.json") as {
    spot_shocks: number[];
    vol_shocks: number[];
    portfolios: {
      name: string;
      positions: {
        id: string;
        quantity: number;
        kind: "call" | "put" | "future";
        F: number;
        multiplier: number;
        K: number | null;
        T: number | null;
        vol: number | null;
        r: number;
      }[];
      pnl: number[][];
      worst: { pnl: number };
    }[];
  };

  for (const portfolio of file.portfolios) {
    // A premium paid up front is discounted: e^(-rT) of an option without interest, so that much smaller a contract.
    const instruments = portfolio.positions.map(({ id, kind, F, multiplier, K, T, vol, r }) => {
      if (kind === "future") return quotedPerpetual({ instrumentId: id, underlying: "X", contractSize: multiplier }, F);
      const contractSize = multiplier * exp(-r * (T ?? Number.NaN));
      const expiryMs = expiryInDays((T ?? Number.NaN) * 365);
      const terms = {
        instrumentId: id,
        underlying: "X",
        optionType: kind,
        strike: K ?? Number.NaN,
        expiryMs,
        contractSize,
      };
      return quotedOption(terms, F, vol ?? Number.NaN);
    });
    const snapshot = marketSnapshot([underlyingState("X", 100)], instruments);
    const account = accountWith({
      positions: portfolio.positions.map(({ id, quantity, F }) => ({ instrumentId: id, quantity, entryPrice: F })),
    });

    it(`${portfolio.name}: every cell of the grid, and the worst`, () => {
      let worst = 0;
      for (const [volIndex, volShock] of file.vol_shocks.entries()) {
        const state = Math.sign(volShock);
        const { parameters } = parametersWith({
          priceScanRange: 0.5,
          priceStepsPerSide: 10,
          extendedMoves: [],
          volatilityUp: Math.max(0, volShock),
          volatilityDown: Math.max(0, -volShock),
          shortTermPower: 0,
          longTermPower: 0,
          minimumVolatilityUp: 0,
        });
        const unit = createMarginEngine(snapshot, parameters).scenarioLosses(account)[0];
        if (unit === undefined) throw new Error("no unit");
        const profits: number[] = [];
        for (let s = 0; s < unit.set.scenarioCount; s += 1) {
          if (unit.set.volatilityState[s] === state) profits.push(-(unit.losses[s] ?? Number.NaN));
        }
        expect(profits).toHaveLength(file.spot_shocks.length);
        for (const [spotIndex, profit] of profits.entries()) {
          expect(profit).toBeCloseTo(portfolio.pnl[volIndex]?.[spotIndex] ?? Number.NaN, 8);
          worst = Math.min(worst, profit);
        }
      }
      expect(worst).toBeCloseTo(portfolio.worst.pnl, 6);
    });
  }
});

describe("Paradex's 24 scenarios", () => {
  const file = readFixtureJson("vectors/paradex_scan_margin_computed.json") as {
    inputs: {
      spot: number;
      forward: number;
      books: {
        book: string;
        options: { strike: number; isCall: boolean; daysToExpiry: number; markIv: number; amount: number }[];
        perp: number;
      }[];
    };
    params: { scenarios: { spotShock: number; volShock: number; weight: number }[] };
    expected: { books: { book: string; scanRisk: number; worstScenario: number }[] };
  };
  const scenarios = file.params.scenarios.map(({ spotShock, volShock, weight }): Scenario => {
    const extended = weight < 1;
    const volatilityState = volShock > 0 ? 1 : -1;
    return { priceMove: spotShock, volatilityState, extended, weight, settlementMove: 0 };
  });
  const unmoved: Scenario = { priceMove: 0, volatilityState: 0, extended: false, weight: 1, settlementMove: 0 };
  const set = createScenarioSet("X", [unmoved, ...scenarios]);
  const { scan } = parametersWith({ volatilityUp: 0.4, volatilityDown: 0.22, minimumVolatilityUp: 0 });

  for (const [index, { book, options, perp }] of file.inputs.books.entries()) {
    it(`${book}: scan risk and worst scenario`, () => {
      const { forward, spot } = file.inputs;
      const held = options.map(({ strike, isCall, daysToExpiry, markIv }, option) => {
        const optionType = isCall ? "call" : "put";
        const expiryMs = expiryInDays(daysToExpiry);
        return quotedOption(
          { instrumentId: `O${option}`, underlying: "X", optionType, strike, expiryMs },
          forward,
          markIv,
        );
      });
      const all = [...held, quotedPerpetual({ instrumentId: "P", underlying: "X" }, spot)];
      const quantities = Float64Array.from([...options.map(({ amount }) => amount), perp]);
      const arrays = createRiskArrays(all.length * set.scenarioCount);
      const offsets = all.map(() => reserveRiskArray(arrays, set.scenarioCount));
      for (const [position, quoted] of all.entries()) {
        writeRiskArray(arrays.buffer, offsets[position] ?? 0, quoted, set, scan, asOfMs);
      }
      const losses = new Float64Array(set.scenarioCount);
      accumulateLosses(losses, arrays, offsets, quantities, 0, all.length, set.scenarioCount);
      for (let s = 0; s < losses.length; s += 1) losses[s] = (losses[s] ?? 0) * (set.weight[s] ?? 0);
      const worst = worstIndex(losses, 0, losses.length);
      const expected = file.expected.books[index];
      if (expected === undefined) throw new Error(`nothing expected of ${book}`);
      expect((losses[worst] ?? Number.NaN) / expected.scanRisk).toBeCloseTo(1, 8);
      expect(worst).toBe(expected.worstScenario);
    });
  }

  it("are the extended set of a scan of 16 % without a dampener", () => {
    const { parameters } = parametersWith({
      priceScanRange: 0.16,
      priceStepsPerSide: 4,
      volatilityUp: 0.4,
      volatilityDown: 0.22,
      minimumVolatilityUp: 0,
      extendedDampenerUsd: 0,
    });
    const call = quotedOption(
      { instrumentId: "C", underlying: "X", optionType: "call", strike: 100_000, expiryMs: expiryInDays(7) },
      100_000,
      0.5,
    );
    const snapshot = marketSnapshot([underlyingState("X", 100_000)], [call]);
    const result = marginedBy(
      parameters,
      snapshot,
      accountWith({ positions: [{ instrumentId: "C", quantity: -1, entryPrice: 1 }] }),
    );
    const risk = componentOf(result, "scan_risk") + componentOf(result, "extended_scan_excess");
    expect(risk / (file.expected.books[0]?.scanRisk ?? Number.NaN)).toBeCloseTo(1, 8);
    expect(result.units[0]?.worstScenario?.label).toBe("X +500 %, vol up");
  });
});

describe("published rules of a scan", () => {
  it("scale a volatility move with days to expiry (Deribit, Derive, Paradex)", () => {
    const file = readFixtureJson("vectors/dte_scaled_vol_shock.json") as {
      inputs: { dte: number[] };
      params: { volRangeUp: number; volRangeDown: number; shortPower: number; longPower: number; floorDays: number };
      expected: { up: number[]; down: number[] };
    };
    const { scan } = parametersWith({
      volatilityUp: file.params.volRangeUp,
      volatilityDown: file.params.volRangeDown,
      shortTermPower: file.params.shortPower,
      longTermPower: file.params.longPower,
      minimumDaysToExpiry: file.params.floorDays,
    });
    expect(file.inputs.dte).toHaveLength(8);
    for (const [index, days] of file.inputs.dte.entries()) {
      expect(volatilityMultiplier(days, 1, scan) / (file.expected.up[index] ?? 0)).toBeCloseTo(1, 12);
      expect(volatilityMultiplier(days, -1, scan) / (file.expected.down[index] ?? 0)).toBeCloseTo(1, 12);
    }
  });

  it("pull extended losses and gains towards zero (Deribit's dampener)", () => {
    const file = readFixtureJson("vectors/deribit_extended_dampener.json") as {
      inputs: { cases: { move: number; pnlUsd: number }[] };
      params: { priceRange: number; extendedDampenerUsd: number };
      expected: { dampenedPnl: number[] };
    };
    const { priceRange, extendedDampenerUsd } = file.params;
    const snapshot = marketSnapshot(
      [underlyingState("X", 100)],
      [quotedPerpetual({ instrumentId: "P", underlying: "X" }, 100)],
    );
    expect(file.inputs.cases).toHaveLength(5);
    for (const [index, { move, pnlUsd }] of file.inputs.cases.entries()) {
      const { parameters } = parametersWith({ priceScanRange: priceRange, extendedMoves: [move], extendedDampenerUsd });
      // A perpetual's scaled profit in any extended cell is its profit at the edge of the scan range on that side.
      const quantity = pnlUsd / (Math.sign(move) * priceRange * 100);
      const account = accountWith({ positions: [{ instrumentId: "P", quantity, entryPrice: 100 }] });
      const unit = createMarginEngine(snapshot, parameters).scenarioLosses(account)[0];
      if (unit === undefined) throw new Error("no unit");
      const profit = 0 - (unit.losses[unit.set.mainCount] ?? Number.NaN);
      expect(profit).toBeCloseTo(file.expected.dampenedPnl[index] ?? Number.NaN, 6);
    }
  });

  it("discount collateral band by band (OKX's tiers of BETH)", () => {
    const file = readFixtureJson("vectors/okx_beth_tiered_discount.json") as {
      inputs: { usdValue: number[] };
      params: { tiers: { upToUsd: number | null; rate: number }[] };
      expected: { discountEquity: number[] };
    };
    const bands = file.params.tiers.map(({ upToUsd, rate }) => ({ upToUsd, haircut: 1 - rate }));
    const counted = file.inputs.usdValue.map((valueUsd) => valueAfterHaircutUsd(valueUsd, bands));
    expect(counted).toHaveLength(5);
    for (const [index, value] of counted.entries()) {
      expect(value).toBeCloseTo(file.expected.discountEquity[index] ?? Number.NaN, 6);
    }
  });

  it("value an inverse perpetual at the reciprocal of its price", () => {
    const file = readFixtureJson("vectors/inverse_perp_pnl.json") as {
      inputs: { contractsUsd: number; entry: number; exits: number[] };
      expected: { pnlCoinLong: number[]; pnlUsdAtExit: number[] };
    };
    const { contractsUsd, entry, exits } = file.inputs;
    expect(exits).toHaveLength(3);
    for (const [index, exit] of exits.entries()) {
      const perpetual = quotedPerpetual({ instrumentId: "P", underlying: "BTC", settlement: "inverse" }, exit);
      const snapshot = marketSnapshot([underlyingState("BTC", exit)], [perpetual]);
      const positions = [{ instrumentId: "P", quantity: contractsUsd, entryPrice: entry }];
      const inCoin = marginedBy(defaultParameters, snapshot, accountWith({ poolCurrency: "BTC", positions }));
      const inUsd = marginedBy(defaultParameters, snapshot, accountWith({ positions }));
      expect(inCoin.equity).toBeCloseTo(file.expected.pnlCoinLong[index] ?? Number.NaN, 12);
      expect(inUsd.equity).toBeCloseTo(file.expected.pnlUsdAtExit[index] ?? Number.NaN, 8);
    }
  });

  it("move a future by the same table as its scenarios (Dederi's 11 moves of 3 %)", () => {
    const { parameters, scan } = parametersWith({ priceScanRange: 0.15, priceStepsPerSide: 5, extendedMoves: [] });
    const future = quotedFuture({ instrumentId: "F", underlying: "X", expiryMs: expiryInDays(20) }, 2253.2);
    const snapshot = marketSnapshot([underlyingState("X", 2243.3)], [future]);
    const account = accountWith({ positions: [{ instrumentId: "F", quantity: 10, entryPrice: 2253.2 }] });
    const losses = createMarginEngine(snapshot, parameters).scenarioLosses(account)[0]?.losses ?? new Float64Array();
    expect(buildScenarioSet(scan).mainCount).toBe(33);
    expect(losses[0]).toBeCloseTo(3379.8, 9);
    expect(losses[32]).toBeCloseTo(-3379.8, 9);
  });
});
