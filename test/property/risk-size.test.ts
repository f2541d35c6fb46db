import {
  type ComponentName,
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarginedPool,
  type MethodId,
  methodIds,
  methodKeyOf,
  type ParameterSet,
  type Pool,
  type SizeParameters,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryPosition, chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

const settings = { seed: 20260205, numRuns: 40 } as const;
const sizeNames = ["open_interest_charge", "concentration_charge", "liquidation_cost", "size_minimum"] as const;

const full: SizeParameters = {
  underlying: "*",
  openInterest: { notionalUsd: 75, lowerUsd: 50, upperUsd: 150 },
  concentration: { freeUsd: 50_000, ratePerMillionUsd: 0.05, maximumRate: 0.3 },
  liquidation: { futureRate: 0.0005, optionRate: 0.001, impactPerRootMillionUsd: 0.5 },
  minimum: { futureRate: 0.02, shortOptionRate: 0.02 },
};

function withSize(methodId: MethodId, size: readonly SizeParameters[]): ParameterSet {
  const key = methodKeyOf(methodId);
  const { methods } = defaultParameters;
  return { ...defaultParameters, methods: { ...methods, [key]: { ...methods[key], size } } };
}

const engines = new WeakMap<ParameterSet, MarginEngine>();

function margined(parameters: ParameterSet, account: Pool): MarginedPool {
  const engine = engines.get(parameters) ?? createMarginEngine(chain, parameters);
  engines.set(parameters, engine);
  const result = engine.margin(account);
  if (result.status === "not_margined") throw new Error(`${account.methodId}: ${result.field} is ${result.value}`);
  return result;
}

const amountOf = ({ components }: MarginedPool, name: ComponentName) =>
  components.filter((component) => component.name === name).reduce((sum, { amount }) => sum + amount, 0);

/** Books of what the method margins, in a pool of US dollars, and the same with every quantity times a factor. */
const bookOf = (methodId: MethodId) =>
  fc.array(arbitraryPosition(chain), { minLength: 1, maxLength: 6 }).map((positions) =>
    accountWith({
      methodId,
      collateral: [{ asset: "USD", amount: 1_000_000 }],
      positions: positions
        .filter(({ instrumentId }) => !methodId.startsWith("derive") || !instrumentId.includes("27MAR26"))
        .filter(({ instrumentId }) => methodId !== "account_ratio" || !/(call|put)/.test(instrumentId)),
    }),
  );
const scaled = (account: Pool, factor: number): Pool => ({
  ...account,
  positions: account.positions.map((position) => ({ ...position, quantity: position.quantity * factor })),
});

describe.each(methodIds)("size under %s", (methodId) => {
  const sized = withSize(methodId, [full]);
  const unsized = withSize(methodId, []);
  const dearer = withSize(methodId, [
    {
      ...full,
      liquidation: { ...full.liquidation, futureRate: 2 * full.liquidation.futureRate },
      minimum: { ...full.minimum, shortOptionRate: 2 * full.minimum.shortOptionRate },
    },
  ]);

  it("adds named components, never takes away, and keeps initial at or above maintenance", () => {
    fc.assert(
      fc.property(bookOf(methodId), (account) => {
        const [with_, without] = [margined(sized, account), margined(unsized, account)];
        const slack = 1e-9 * (1 + with_.initialMargin);
        expect(with_.initialMargin).toBeGreaterThanOrEqual(without.initialMargin - slack);
        expect(with_.maintenanceMargin).toBeGreaterThanOrEqual(without.maintenanceMargin - slack);
        expect(with_.initialMargin).toBeGreaterThanOrEqual(with_.maintenanceMargin - slack);
        const sum = with_.components.reduce((total, { amount }) => total + amount, 0);
        expect(Math.abs(sum - with_.initialMargin)).toBeLessThanOrEqual(slack);
        for (const name of sizeNames) {
          expect(amountOf(with_, name)).toBeGreaterThanOrEqual(0);
          expect(amountOf(without, name)).toBe(0);
        }
      }),
      settings,
    );
  });

  it("concentration and liquidation cost grow at least in proportion to the size", () => {
    fc.assert(
      fc.property(bookOf(methodId), fc.double({ min: 1, max: 20, noNaN: true }), (account, factor) => {
        const [small, large] = [margined(sized, account), margined(sized, scaled(account, factor))];
        for (const name of ["concentration_charge", "liquidation_cost"] as const) {
          const slack = 1e-9 * (1 + amountOf(large, name));
          expect(amountOf(large, name)).toBeGreaterThanOrEqual(factor * amountOf(small, name) - slack);
        }
      }),
      settings,
    );
  });

  it("a larger book never asks less, and a larger rate never asks less of the same book", () => {
    fc.assert(
      fc.property(bookOf(methodId), fc.double({ min: 1, max: 20, noNaN: true }), (account, factor) => {
        const [small, large] = [margined(sized, account), margined(sized, scaled(account, factor))];
        // A method that asks option value back as a component asks less of what is sold.
        if (amountOf(small, "option_value") === 0) {
          expect(large.initialMargin).toBeGreaterThanOrEqual(small.initialMargin * (1 - 1e-9) - 1e-9);
        }
        const same = margined(dearer, account).initialMargin;
        expect(same).toBeGreaterThanOrEqual(small.initialMargin - 1e-9 * (1 + same));
      }),
      settings,
    );
  });
});

describe("size in figures", () => {
  const position = { instrumentId: "BTC_USDC-PERPETUAL", quantity: 30, entryPrice: 67_985 };
  const notional = 30 * 67_985;
  const account = accountWith({ collateral: [{ asset: "USD", amount: 5_000_000 }], positions: [position] });

  it("follows its formulas", () => {
    const result = margined(withSize("portfolio", [full]), account);
    const scan = amountOf(result, "scan_risk") + amountOf(result, "calendar_charge");
    // Open interest stands at a quarter of the way from the lower to the upper bound.
    expect(amountOf(result, "open_interest_charge")).toBeCloseTo(0.25 * (notional - scan), 4);
    const beyond = notional - 50_000;
    expect(amountOf(result, "concentration_charge")).toBeCloseTo(beyond * Math.min(0.3, (0.05 * beyond) / 1e6), 4);
    expect(amountOf(result, "liquidation_cost")).toBeCloseTo(
      notional * 0.0005 * (1 + 0.5 * Math.sqrt(notional / 1e6)),
      4,
    );
  });

  it("serves the underlying that is named before any other", () => {
    const own = { ...full, underlying: "BTC", liquidation: { ...full.liquidation, futureRate: 0.001 } };
    const twice = amountOf(margined(withSize("portfolio", [full, own]), account), "liquidation_cost");
    expect(twice).toBeCloseTo(2 * amountOf(margined(withSize("portfolio", [full]), account), "liquidation_cost"), 6);
  });

  it("a book hedged in full is not free: what ships asks 5 basis points of both legs", () => {
    const hedged = {
      ...account,
      positions: [position, { instrumentId: "BTC-PERPETUAL", quantity: -30 * 67_985 * 1.0004, entryPrice: 68_012 }],
    };
    const shipped = margined(defaultParameters, hedged);
    const floor = 0.0005 * 2 * notional;
    expect(shipped.initialMargin).toBeGreaterThanOrEqual(floor * (1 - 1e-9));
    expect(shipped.maintenanceMargin).toBeGreaterThanOrEqual(floor * (1 - 1e-9));
    expect(amountOf(shipped, "size_minimum")).toBeGreaterThan(0);
    expect(margined(withSize("portfolio", []), hedged).maintenanceMargin).toBeLessThan(floor);
  });
});
