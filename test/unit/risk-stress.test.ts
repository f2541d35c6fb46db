import {
  buildStressSet,
  createMarginEngine,
  defaultParameters,
  inversePnl,
  log,
  moveMarketJointly,
  type StressResult,
  stressedSymbolsOf,
  stressHistory,
  stressPool,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  accountWith,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const option = quotedOption(
  { instrumentId: "BTC_USD-PUT", underlying: "BTC", optionType: "put", strike: 60_000, expiryMs: expiryInDays(30) },
  70_000,
  0.6,
);
const snapshot = marketSnapshot(
  [underlyingState("BTC", 70_000), underlyingState("ETH", 2_000), underlyingState("XRP", 2)],
  [
    option,
    quotedPerpetual({ instrumentId: "BTC_USD-PERPETUAL", underlying: "BTC" }, 70_000),
    quotedPerpetual(
      { instrumentId: "BTC-PERPETUAL", underlying: "BTC", settlement: "inverse", contractSize: 10 },
      70_000,
    ),
    quotedPerpetual({ instrumentId: "ETH_USD-PERPETUAL", underlying: "ETH" }, 2_000),
  ],
);
const set = buildStressSet(stressedSymbolsOf(snapshot, defaultParameters), stressHistory);

function stressed(account: Parameters<typeof accountWith>[0]): StressResult {
  const result = stressPool(accountWith(account), snapshot, defaultParameters, set);
  if (result.status !== "stressed") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function lossIn(result: StressResult, scenarioId: string): number {
  const found = result.losses.find((loss) => loss.scenarioId === scenarioId);
  if (found === undefined) throw new Error(`no scenario ${scenarioId}`);
  return found.loss;
}

describe("the stress history that ships", () => {
  it("has the falls that are known from elsewhere", () => {
    // btcusd_daily_2011_2025: close to close -38.8 % on 2020-03-12; the low came after midnight. Kraken's low of USDC: 0.874.
    const day = (date: string, symbol: string) =>
      stressHistory.events
        .find((event) => event.date === date && event.horizonHours > 1)
        ?.moves.find((move) => move.symbol === symbol)?.priceMove;
    expect(day("2020-03-12", "BTC")).toBeLessThan(-0.388);
    expect(day("2023-03-11", "USDC")).toBeCloseTo(0.874 / 0.9999 - 1, 4);
  });
});

describe("a stress set", () => {
  it("moves all symbols in every scenario, each list as long as the ids", () => {
    expect(set.underlyings.map(({ underlying }) => underlying)).toEqual(["BTC", "ETH", "USDC", "USDT", "XRP"]);
    expect(new Set(set.scenarioIds).size).toBe(set.scenarioIds.length);
    for (const { logReturns, volatilityLogMoves } of set.underlyings) {
      expect(logReturns).toHaveLength(set.scenarioIds.length);
      expect(logReturns.filter((move) => !Number.isFinite(move))).toEqual([]);
      if (volatilityLogMoves !== null) expect(volatilityLogMoves).toHaveLength(set.scenarioIds.length);
    }
  });

  it("names the proxy of a coin that was not there", () => {
    const xrp = set.underlyings.find(({ underlying }) => underlying === "XRP");
    expect(xrp?.proxy).toEqual({ underlying: "ETH", beta: stressHistory.alternativeCoinBeta, scenarioCount: 10 });
    const first = set.scenarioIds.indexOf("2020-03-12:day");
    expect(xrp?.logReturns[first]).toBeCloseTo(log(1 - 0.5269) * stressHistory.alternativeCoinBeta, 12);
    expect(set.underlyings.find(({ underlying }) => underlying === "BTC")?.proxy).toBeNull();
  });

  it("has no breakdown of correlation where there is one coin only", () => {
    const alone = buildStressSet({ coins: ["BTC"], stablecoins: [] }, stressHistory);
    expect(alone.scenarioIds.filter((id) => id.includes("breakdown"))).toEqual([]);
  });

  it("refuses a history that cannot stand for coins without a price of their own", () => {
    const [event] = stressHistory.events;
    const broken = { ...stressHistory, events: event ? [{ ...event, moves: [] }] : [] };
    expect(() => buildStressSet({ coins: ["BTC"], stablecoins: [] }, broken)).toThrow(/2020-03-12: moves has no ETH/);
  });
});

describe("stressing an account", () => {
  it("gives linear positions price move times size, worst first", () => {
    const result = stressed({
      collateral: [{ asset: "USD", amount: 50_000 }],
      positions: [{ instrumentId: "BTC_USD-PERPETUAL", quantity: 1, entryPrice: 70_000 }],
    });
    expect(result.equity).toBe(50_000);
    expect(lossIn(result, "gap-down")).toBeCloseTo(35_000, 6);
    expect(lossIn(result, "gap-up")).toBeCloseTo(-35_000, 6);
    expect(lossIn(result, "2020-03-12:day")).toBeCloseTo(0.5027 * 70_000, 6);
    expect(result.losses.map(({ loss }) => loss)).toEqual(
      result.losses.map(({ loss }) => loss).sort((left, right) => right - left),
    );
    expect(result.losses[0]?.scenarioId).toBe("2020-03-12:day");
    for (const { loss, lossBeyondMargin, equityAfter } of result.losses) {
      expect(lossBeyondMargin).toBe(Math.max(0, loss - result.initialMargin));
      expect(equityAfter).toBeCloseTo(50_000 - loss, 6);
    }
  });

  it("counts a coin pool in its coin", () => {
    const result = stressed({
      poolCurrency: "BTC",
      collateral: [{ asset: "BTC", amount: 1 }],
      positions: [{ instrumentId: "BTC-PERPETUAL", quantity: 7_000, entryPrice: 70_000 }],
    });
    expect(lossIn(result, "gap-down")).toBeCloseTo(-inversePnl(70_000, 70_000, 35_000), 9);
  });

  it("breaks a peg for what is held in it, and nothing else", () => {
    const result = stressed({
      collateral: [
        { asset: "USDC", amount: 1_000 },
        { asset: "USDT", amount: 500 },
      ],
    });
    expect(lossIn(result, "depeg-USDC")).toBeCloseTo(200, 9);
    expect(lossIn(result, "depeg-USDT")).toBeCloseTo(100, 9);
    expect(lossIn(result, "gap-down")).toBe(0);
  });

  it("revalues options at the moved volatility, in full", () => {
    const result = stressed({ positions: [{ instrumentId: "BTC_USD-PUT", quantity: -1, entryPrice: 1_000 }] });
    const doubled = quotedOption(
      { instrumentId: "BTC_USD-PUT", underlying: "BTC", optionType: "put", strike: 60_000, expiryMs: expiryInDays(30) },
      70_000,
      1.2,
    );
    expect(lossIn(result, "volatility-doubled")).toBeCloseTo(doubled.markPrice - option.markPrice, 6);
    expect(lossIn(result, "volatility-halved")).toBeLessThan(0);
  });

  it("loses on a hedge whose legs part, not on one whose legs run together", () => {
    const result = stressed({
      collateral: [{ asset: "USD", amount: 100_000 }],
      positions: [
        { instrumentId: "BTC_USD-PERPETUAL", quantity: 1, entryPrice: 70_000 },
        { instrumentId: "ETH_USD-PERPETUAL", quantity: -35, entryPrice: 2_000 },
      ],
    });
    expect(lossIn(result, "correlation-one-down")).toBeCloseTo(0, 6);
    expect(lossIn(result, "correlation-breakdown-BTC-down")).toBeCloseTo(2 * 0.3 * 70_000, 6);
    expect(lossIn(result, "correlation-breakdown-BTC-up")).toBeCloseTo(-2 * 0.3 * 70_000, 6);
  });

  it("is what the engine says of the moved market", () => {
    const account = accountWith({ positions: [{ instrumentId: "BTC_USD-PUT", quantity: -2, entryPrice: 1_000 }] });
    const moved = moveMarketJointly(snapshot, set, 0, defaultParameters);
    const after = createMarginEngine(moved, defaultParameters).margin(account);
    const before = createMarginEngine(snapshot, defaultParameters).margin(account);
    if (after.status !== "margined" || before.status !== "margined") throw new Error("not margined");
    const result = stressed(account);
    expect(lossIn(result, "2020-03-12:day")).toBe(before.equity - after.equity);
    expect(moved.asOfMs).toBe(asOfMs);
  });

  it("refuses an account that cannot be margined, with its reason", () => {
    const account = accountWith({ positions: [{ instrumentId: "GONE", quantity: 1, entryPrice: 1 }] });
    expect(stressPool(account, snapshot, defaultParameters, set)).toMatchObject({
      status: "not_margined",
      value: "GONE",
    });
  });
});
