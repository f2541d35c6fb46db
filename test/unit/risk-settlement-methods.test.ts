import {
  computePmrm2,
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  moveUnderlying,
  type Pool,
  type QuotedInstrument,
  settlementForward,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { deriveExpiry, derivePortfolio } from "../support/derive-books.ts";
import { accountWith, asOfMs, marketSnapshot, quotedFuture, quotedOption, underlyingState } from "../support/market.ts";

const minute = 60_000;
const index = 70_000;
const settlementWindowMinutes = 30;

function marketAt(minutes: number, averagePrice: number, settlement: "linear" | "inverse" = "linear"): MarketSnapshot {
  const expiryMs = asOfMs + minutes * minute;
  const terms = { underlying: "BTC", expiryMs, settlement, settlementWindowMinutes } as const;
  const option = (optionType: "call" | "put", strike: number): QuotedInstrument =>
    quotedOption({ instrumentId: `${optionType}-${strike}`, optionType, strike, ...terms }, index, 0.8);
  const future = quotedFuture({ instrumentId: "FUTURE", ...terms }, index);
  const chain = [
    option("call", 69_500),
    option("call", 70_050),
    option("call", 72_000),
    option("put", 69_500),
    option("put", 66_000),
    future,
  ];
  const snapshot = marketSnapshot([underlyingState("BTC", index)], chain);
  return { ...snapshot, settlementAverages: [{ underlying: "BTC", expiryMs, averagePrice }] };
}

function marginOf(market: MarketSnapshot, account: Pool): MarginedPool {
  const result = createMarginEngine(market, defaultParameters).margin(account);
  if (result.status !== "margined") throw new Error(`${result.code}: ${result.field} ${result.value}`);
  return result;
}

function holding(methodId: MethodId, positions: readonly (readonly [instrumentId: string, quantity: number])[]): Pool {
  return accountWith({
    methodId,
    positions: positions.map(([instrumentId, quantity]) => ({ instrumentId, quantity, entryPrice: index })),
  });
}

describe("methods inside the settlement window", () => {
  const withOptions = methodIds.filter((methodId) => methodId !== "account_ratio");

  it("margin what is sold, long and short, linear and inverse, without a figure that is no number", () => {
    for (const settlement of ["linear", "inverse"] as const) {
      for (const methodId of withOptions) {
        for (const minutes of [29, 15, 1, 0.01]) {
          const result = marginOf(
            marketAt(minutes, 69_900, settlement),
            holding(methodId, [
              ["call-72000", -2],
              ["put-69500", -1],
              ["call-69500", 1],
            ]),
          );
          const figures = [result.equity, result.initialMargin, result.maintenanceMargin, result.netOptionValue];
          expect({ methodId, minutes, finite: figures.every(Number.isFinite) }).toEqual({
            methodId,
            minutes,
            finite: true,
          });
          expect(result.initialMargin).toBeGreaterThanOrEqual(result.maintenanceMargin);
        }
      }
    }
  });

  it("that scan need for a future what is left of it", () => {
    const scans: readonly MethodId[] = [
      "portfolio",
      "tims",
      "span",
      "portfolio_deribit",
      "portfolio_okx",
      "portfolio_paradex",
      "portfolio_bybit",
      "var",
    ];
    for (const methodId of scans) {
      const need = (minutes: number) =>
        marginOf(marketAt(minutes, index), holding(methodId, [["FUTURE", -1]])).maintenanceMargin;
      const whole = need(30);
      for (const minutes of [20, 10, 3]) {
        const left = need(minutes);
        // TIMS has a minimum, OKX's and Paradex's charges go with delta: all at most the share of the window, and less each time.
        expect(left).toBeLessThanOrEqual(whole);
        if (methodId === "portfolio" || methodId === "span") {
          assertClose(left / whole, minutes / 30, 0.02, { methodId, minutes });
        }
      }
      expect(need(3)).toBeLessThan(0.5 * whole);
    }
  });

  it("after Derive are its own algorithm on the split forward", () => {
    const averagePrice = 69_400;
    for (const minutes of [25, 8, 1]) {
      const result = marginOf(
        marketAt(minutes, averagePrice),
        holding("derive_pmrm_2", [
          ["call-69500", -2],
          ["put-66000", 1],
        ]),
      );
      const seconds = 60 * minutes;
      const expiry = {
        ...deriveExpiry(minutes / 1440, [
          { strike: 69_500, optionType: "call", amount: -2, markVolatility: 0.8 },
          { strike: 66_000, optionType: "put", amount: 1, markVolatility: 0.8 },
        ]),
        secondsToExpiry: seconds,
        rate: 0,
        ...settlementForward(index, averagePrice, seconds),
      };
      const own = computePmrm2(
        derivePortfolio({ cash: 0, spotPrice: index, perpetual: null, collaterals: [], expiries: [expiry] }),
        defaultParameters.methods.derivePmrm2,
      );
      assertClose(result.initialMargin, own.initialRequirement, 1e-8 * index, { minutes });
      assertClose(result.maintenanceMargin, own.maintenanceRequirement, 1e-8 * index, { minutes });
    }
  });

  it("have call prices that hold on the moved market, which moves only by what is left", () => {
    const market = marketAt(10, 69_900);
    const account = { ...holding("portfolio", [["call-72000", -20]]), collateral: [{ asset: "USD", amount: 90_000 }] };
    const calls = createMarginEngine(market, defaultParameters).callPrices(account);
    const call = calls.find(({ severity, direction }) => severity === "LIQUIDATION" && direction === "up");
    const price = call?.price ?? Number.NaN;
    const ratioAt = (at: number) =>
      marginOf({ ...market, ...moveUnderlying(market, "BTC", at / index) }, account).marginRatio;
    expect(price).toBeGreaterThan(index);
    expect(ratioAt(price)).toBeGreaterThanOrEqual(1);
    expect(ratioAt(price * (1 - 1e-6))).toBeLessThan(1);
  });

  it("lose by time what the theta says while the index stands still", () => {
    // The blend of a still index does not change; only the variance left does.
    const result = marginOf(marketAt(12, index), holding("portfolio", [["call-70050", 1]]));
    const theta = result.units[0]?.greeks.theta ?? Number.NaN;
    const step = 0.001;
    const difference = (valueOnBlend(12 + step) - valueOnBlend(12 - step)) / ((2 * step) / 1440);
    assertClose(theta, -difference, 1e-3 * difference, {});
  });
});

/** Undiscounted Black-76 call of 70,050 by its textbook formula on 70,000, with the variance of what is left of the average. */
function valueOnBlend(minutes: number): number {
  const years = (minutes / 1440 / 365 / 3) * (minutes / 30) ** 2;
  const deviation = 0.8 * Math.sqrt(years);
  const d1 = Math.log(index / 70_050) / deviation + deviation / 2;
  return index * normal(d1) - 70_050 * normal(d1 - deviation);
}

/** Abramowitz and Stegun 26.2.17 is good to 7.5e-8; Simpson's rule on the density serves the derivative better. */
function normal(x: number): number {
  const steps = 4000;
  const from = -9;
  const width = (x - from) / steps;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(from) + density(x);
  for (let step = 1; step < steps; step += 1) sum += density(from + step * width) * (step % 2 === 1 ? 4 : 2);
  return (sum * width) / 3;
}
