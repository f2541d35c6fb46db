import {
  buildSpanBook,
  bybitMajor,
  computeBybitRequirement,
  computeDeribitRequirement,
  computeOkxRequirement,
  computeParadexRequirement,
  computeSpanRequirement,
  createMarginEngine,
  defaultParameters,
  defaultSpanParameters,
  deribitPmeBtc,
  getMarginMethod,
  type MarginedPool,
  methodIds,
  methodVersion,
  moveUnderlying,
  okxMajor,
  type Pool,
  paradexFeeProvision,
  severities,
  severityOf,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, chain, supported } from "../support/books.ts";
import { accountWith, asOfMs, expiryInDays, marketSnapshot, quotedOption, underlyingState } from "../support/market.ts";
import { exampleAccount, exampleBook, exampleSnapshot } from "../support/method-examples.ts";

const settings = { seed: 20260205, numRuns: 60 } as const;
const engine = createMarginEngine(chain, defaultParameters);
const holdingsMethods = methodIds.filter(
  (methodId) => getMarginMethod(defaultParameters, methodId).unit.reads !== "risk_arrays",
);

function margined(account: Pool, by = engine): MarginedPool {
  const result = by.margin(account);
  if (result.status === "not_margined") throw new Error(`${account.methodId}: ${result.field} is ${result.value}`);
  return result;
}

/** The position that a path names. */
function indexOf(field: string): number {
  return Number(/\d+/.exec(field)?.[0]);
}

describe.each(holdingsMethods)("the engine under %s", (methodId) => {
  const accounts = arbitraryAccount(chain, methodId);

  it("margins every book it supports: finite, with components that add up to initial", () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const result = margined(supported(account));
        const { initialMargin, maintenanceMargin, components } = result;
        expect(Number.isFinite(initialMargin + maintenanceMargin + result.marginBalance)).toBe(true);
        const slack = 1e-9 * (1 + Math.abs(initialMargin));
        const sum = components.reduce((total, { amount }) => total + amount, 0);
        expect(Math.abs(sum - initialMargin)).toBeLessThanOrEqual(slack);
      }),
      settings,
    );
  });

  it("names what it does not support, and never asks nothing for it", () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const result = engine.margin(account);
        const own = supported(account);
        const isWhole = own.positions.length === account.positions.length && own.poolCurrency === account.poolCurrency;
        const faults = result.status === "margined" ? (result.incomplete ?? []) : [result];
        expect(faults.length > 0).toBe(!isWhole);
        for (const { code, value, remedy } of faults) {
          expect(code).toBe("unsupported_instrument");
          expect(value).toMatch(/^\S+: .{20}/);
          expect(remedy).toContain(methodId);
        }
        if (result.status !== "margined") return;
        const sold = result.incomplete?.filter(({ assumed }) => assumed !== "counts_for_nothing") ?? [];
        const asked = result.components.find(({ name }) => name === "unpriced_holding")?.amount ?? 0;
        expect(asked > 0).toBe(sold.some(({ field }) => account.positions[indexOf(field)]?.quantity !== 0));
      }),
      settings,
    );
  });

  it("shares equity and balance with the method portfolio", () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const own = supported(account);
        const result = margined(own);
        const reference = margined({ ...own, methodId: "portfolio" });
        expect([result.equity, result.marginBalance, result.netOptionValue]).toEqual([
          reference.equity,
          reference.marginBalance,
          reference.netOptionValue,
        ]);
      }),
      settings,
    );
  });

  it("starts a severity at the call price it names", () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const own = supported(account);
        for (const { severity, price, reason, underlying } of engine.callPrices(own)) {
          expect((price === null) === (reason !== null)).toBe(true);
          if (price === null) continue;
          const state = chain.underlyings.find((entry) => entry.underlying === underlying);
          const moved = moveUnderlying(chain, underlying, price / (state?.indexPrice ?? Number.NaN));
          const there = severityOf(
            margined(own, createMarginEngine(moved, defaultParameters)),
            defaultParameters.severity,
          );
          expect(severities.indexOf(there)).toBeGreaterThanOrEqual(severities.indexOf(severity));
        }
      }),
      { ...settings, numRuns: 6 },
    );
  });

  it("charges the confidence width of a price that is not good to initial margin alone", () => {
    const widened = {
      ...chain,
      underlyings: chain.underlyings.map((state) => ({ ...state, quality: "widened" as const })),
    };
    const account = accountWith({
      methodId,
      collateral: [{ asset: "USD", amount: 100_000 }],
      positions: [{ instrumentId: "BTC_USDC-PERPETUAL", quantity: -2, entryPrice: 68_000 }],
    });
    const good = margined(account);
    const doubtful = margined(account, createMarginEngine(widened, defaultParameters));
    const charge = doubtful.components.find(({ name }) => name === "confidence_charge")?.amount;
    expect(charge).toBeGreaterThan(0);
    expect(doubtful.initialMargin - good.initialMargin).toBeCloseTo(charge ?? Number.NaN, 6);
    expect(doubtful.maintenanceMargin).toBe(good.maintenanceMargin);
  });

  it("names its formulas and its parameters in every result", () => {
    const version = methodVersion(defaultParameters, methodId);
    expect(version).toMatch(new RegExp(`^${methodId}-\\d+-[0-9a-f]{12}$`));
    expect(margined(accountWith({ methodId })).methodVersion).toBe(version);
  });
});

describe("the engine asks what the pure functions ask", () => {
  const example = createMarginEngine(exampleSnapshot, defaultParameters);
  const holdings = [...exampleBook];
  const index = 70_000;
  const span = buildSpanBook(holdings, defaultSpanParameters, new Map([["BTC", index]]), asOfMs);
  const [commodity] = computeSpanRequirement(span.positions, span.parameters).commodities;
  const optionValue = holdings.reduce(
    (sum, { quoted, quantity }) => sum + (quoted.instrument.kind === "option" ? quantity * quoted.markPrice : 0),
    0,
  );
  const deribit = computeDeribitRequirement(holdings, deribitPmeBtc, index, asOfMs, "cash");
  const okx = computeOkxRequirement(holdings, okxMajor, index, asOfMs);
  const { portfolioParadex } = defaultParameters.methods;
  const fees = paradexFeeProvision(holdings, portfolioParadex, index);
  const paradex = computeParadexRequirement(holdings, portfolioParadex, index, asOfMs, { funding: 0, fees });
  const bybit = computeBybitRequirement(holdings, bybitMajor, index, asOfMs);

  it.each([
    ["portfolio_deribit", deribit.initialMargin, deribit.maintenanceMargin],
    ["portfolio_okx", okx.initialMargin, okx.maintenanceMargin],
    ["portfolio_paradex", paradex.initialMargin, paradex.maintenanceMargin],
    ["portfolio_bybit", bybit.initialMargin, bybit.maintenanceMargin],
    [
      "span",
      (commodity?.totalInitial ?? Number.NaN) + optionValue,
      (commodity?.totalMaintenance ?? Number.NaN) + optionValue,
    ],
  ] as const)("%s", (methodId, initial, maintenance) => {
    const result = margined(exampleAccount(methodId), example);
    expect(result.initialMargin).toBeCloseTo(initial, 8);
    expect(result.maintenanceMargin).toBeCloseTo(maintenance, 8);
  });
});

describe("between methods", () => {
  it("isolated asks no less than standard, and locks what a position has gained", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain, "isolated"), (account) => {
        const isolated = margined(account);
        const standard = margined({ ...account, methodId: "standard" });
        const slack = 1e-9 * (1 + standard.initialMargin);
        expect(isolated.initialMargin).toBeGreaterThanOrEqual(standard.initialMargin - slack);
        expect(isolated.maintenanceMargin).toBeGreaterThanOrEqual(standard.maintenanceMargin - slack);
      }),
      settings,
    );
    const gained = accountWith({
      methodId: "isolated",
      positions: [
        { instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 30_000 },
        { instrumentId: "ETH_USDC-PERPETUAL", quantity: 1, entryPrice: 2_000 },
      ],
    });
    // The gain on BTC is large; it may not carry ETH.
    expect(margined(gained).marginHeadroom).toBeLessThan(0);
    expect(margined({ ...gained, methodId: "standard" }).marginHeadroom).toBeGreaterThan(0);
  });

  it("a coin without parameters of a venue is refused by that venue's methods only", () => {
    const alt = quotedOption(
      { instrumentId: "SOL-C", underlying: "SOL", optionType: "call", strike: 90, expiryMs: expiryInDays(20) },
      92,
      0.9,
    );
    const market = createMarginEngine(marketSnapshot([underlyingState("SOL", 92)], [alt]), defaultParameters);
    const positions = [{ instrumentId: "SOL-C", quantity: -1, entryPrice: 5 }];
    const refusing = methodIds.filter(
      (methodId) => market.margin(accountWith({ methodId, positions })).status === "not_margined",
    );
    expect(refusing).toEqual([
      "portfolio_deribit",
      "portfolio_bybit",
      "derive_pmrm_2",
      "derive_pmrm_1",
      "derive_srm",
      "account_ratio",
    ]);
  });
});
