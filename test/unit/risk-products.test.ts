import {
  createMarginEngine,
  defaultParameters,
  type FundingState,
  type MarginedPool,
  type MarketSnapshot,
  type MethodId,
  moveUnderlying,
  type ParameterSet,
  type PerpetualOptionInstrument,
  type Pool,
} from "@plimsoll/risk";
import { decodeParameters, encodeParameters } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

const index = 50_000;

function marketWith(funding: FundingState | null): MarketSnapshot {
  const linear = quotedPerpetual({ instrumentId: "LINEAR", underlying: "BTC" }, index);
  const inverse = quotedPerpetual({ instrumentId: "INVERSE", underlying: "BTC", settlement: "inverse" }, index);
  return marketSnapshot(
    [underlyingState("BTC", index)],
    [linear, inverse].map((quoted) => (funding === null ? quoted : { ...quoted, funding })),
  );
}

function marginOf(market: MarketSnapshot, account: Pool, parameters: ParameterSet = defaultParameters): MarginedPool {
  const result = createMarginEngine(market, parameters).margin(account);
  if (result.status !== "margined") throw new Error(`${result.code}: ${result.field} ${result.value}`);
  return result;
}

function holding(instrumentId: string, quantity: number, terms: object = {}, account: Partial<Pool> = {}): Pool {
  return accountWith({ ...account, positions: [{ instrumentId, quantity, entryPrice: index, ...terms }] });
}

function componentOf(result: MarginedPool, name: string): number {
  return result.components.find((component) => component.name === name)?.amount ?? 0;
}

describe("funding accrued and not paid", () => {
  it("counts in equity: a long owes what the cumulative funding has risen by", () => {
    const market = marketWith({ hourlyRate: 0, cumulative: 130 });
    const paidTo = { fundingIndex: 100 };
    expect(marginOf(market, holding("LINEAR", 2, paidTo)).equity).toBe(-60);
    expect(marginOf(market, holding("LINEAR", -2, paidTo)).equity).toBe(60);
    expect(marginOf(market, holding("LINEAR", 2, { fundingIndex: 130 })).equity).toBe(0);
    expect(marginOf(market, holding("LINEAR", 2)).equity).toBe(0);
  });

  it("is coin where the contract settles in coin", () => {
    const market = marketWith({ hourlyRate: 0, cumulative: 0.0002 });
    const pool = { poolCurrency: "BTC" };
    assertClose(marginOf(market, holding("INVERSE", 1000, { fundingIndex: 0 }, pool)).equity, -0.2, 1e-12, {});
    assertClose(marginOf(market, holding("INVERSE", 1000, { fundingIndex: 0 })).equity, -0.2 * index, 1e-8, {});
  });

  it("is the same for a position however it was split", () => {
    const market = marketWith({ hourlyRate: 0, cumulative: 0.3 });
    const fill = (quantity: number, fundingIndex: number, entryPrice = index) => ({
      instrumentId: "LINEAR",
      quantity,
      entryPrice,
      fundingIndex,
    });
    const parts = [fill(0.1, 0.1), fill(0.2, 0.1, 49_000), fill(0.7, 0.2)];
    const whole = marginOf(market, accountWith({ positions: parts })).equity;
    expect(marginOf(market, accountWith({ positions: parts.toReversed() })).equity).toBe(whole);
    assertClose(whole, 0.2 * 1000 - 0.3 * 0.2 - 0.7 * 0.1, 1e-9, {});
  });

  // Seen to fail with a rate but no sum: the sum counted as 0, so that a long got the 3 dollars that it had paid before.
  it.each([[null], [{ hourlyRate: 0, cumulative: null }]])(
    "is in doubt by the scan range when the market does not say what has been paid: %j",
    (funding) => {
      const known = marginOf(marketWith(funding), holding("LINEAR", 1));
      const unknown = marginOf(marketWith(funding), holding("LINEAR", 1, { fundingIndex: 3 }));
      expect(unknown.incomplete).toMatchObject([
        { code: "funding_missing", field: "positions[0].funding_index", value: "3", assumed: "funding_not_counted" },
      ]);
      // A tenth of its size, the scan range of BTC.
      assertClose(known.equity - unknown.equity, 0.1 * index, 1e-9, {});
      expect(unknown.initialMargin).toBe(known.initialMargin);
      const market = marketWith({ hourlyRate: 0, cumulative: 1 });
      expect(marginOf(market, holding("LINEAR", 1, { fundingIndex: Number.NaN })).incomplete).toMatchObject([
        { code: "limit_exceeded", assumed: "funding_not_counted" },
      ]);
    },
  );
});

describe("expected funding", () => {
  const market = marketWith({ hourlyRate: 0.0001, cumulative: 0 });

  it("is asked of who pays it, in both margins, over the horizon of the parameters", () => {
    const without = { ...defaultParameters, fundingHorizonHours: 0 };
    for (const [instrumentId, size] of [
      ["LINEAR", 2],
      ["INVERSE", 100_000],
    ] as const) {
      const payer = marginOf(market, holding(instrumentId, size));
      const free = marginOf(market, holding(instrumentId, size), without);
      // 2 coins x 50,000 dollars x 0.01 % x 8 hours.
      assertClose(componentOf(payer, "expected_funding"), 80, 1e-9, { instrumentId });
      assertClose(payer.initialMargin - free.initialMargin, 80, 1e-8, { instrumentId });
      assertClose(payer.maintenanceMargin - free.maintenanceMargin, 80, 1e-8, { instrumentId });
      expect(componentOf(free, "expected_funding")).toBe(0);
      expect(componentOf(marginOf(market, holding(instrumentId, -size)), "expected_funding")).toBe(0);
    }
  });

  // Seen to fail: two coins without a stated rate were asked for 10,000, at 0.01 % an hour for 10,080.
  it("is never less for a missing rate than for any rate up to the greatest cap of a venue, whichever side is held", () => {
    const known = (hourlyRate: number) => marketWith({ hourlyRate, cumulative: 0 });
    const unknown = marketWith({ hourlyRate: null, cumulative: 0 });
    for (const size of [2, -2]) {
      const { initialMargin, maintenanceMargin } = marginOf(unknown, holding("LINEAR", size));
      for (const rate of [-0.004, -0.001, 0, 0.0001, 0.001, 0.004]) {
        const stated = marginOf(known(rate), holding("LINEAR", size));
        expect(initialMargin).toBeGreaterThanOrEqual(stated.initialMargin);
        expect(maintenanceMargin).toBeGreaterThanOrEqual(stated.maintenanceMargin);
      }
    }
  });

  it("is part of every method that margins the position", () => {
    const methods: readonly MethodId[] = [
      "portfolio",
      "static",
      "standard",
      "portfolio_paradex",
      "derive_pmrm_2",
      "account_ratio",
    ];
    for (const methodId of methods) {
      const result = marginOf(market, holding("LINEAR", 2, {}, { methodId }));
      assertClose(componentOf(result, "expected_funding"), 80, 1e-9, { methodId });
    }
  });

  it("nets within an instrument and not between two", () => {
    const both = (first: string, second: string) =>
      marginOf(
        market,
        accountWith({
          positions: [
            { instrumentId: first, quantity: 2, entryPrice: index },
            { instrumentId: second, quantity: second === "INVERSE" ? -100_000 : -2, entryPrice: index },
          ],
        }),
      );
    expect(componentOf(both("LINEAR", "LINEAR"), "expected_funding")).toBe(0);
    assertClose(componentOf(both("LINEAR", "INVERSE"), "expected_funding"), 80, 1e-9, {});
  });

  it("follows the price to the call prices", () => {
    const account = holding("LINEAR", 2, {}, { collateral: [{ asset: "USD", amount: 20_000 }] });
    const engine = createMarginEngine(marketWith({ hourlyRate: 0.002, cumulative: 0 }), defaultParameters);
    const call = engine
      .callPrices(account)
      .find(({ severity, direction }) => severity === "LIQUIDATION" && direction === "down");
    const price = call?.price ?? Number.NaN;
    const at = marginOf(
      moveUnderlying(marketWith({ hourlyRate: 0.002, cumulative: 0 }), "BTC", price / index),
      account,
    );
    expect(price).toBeLessThan(index);
    assertClose(at.marginRatio ?? Number.NaN, 1, 1e-6, { price });
    assertClose(componentOf(at, "expected_funding"), 2 * price * 0.002 * 8, 1e-6, {});
  });

  it("of a perpetual option is its time value over the funding period", () => {
    const instrument: PerpetualOptionInstrument = {
      kind: "perpetual_option",
      instrumentId: "CALL",
      underlying: "BTC",
      settlement: "linear",
      quoteCurrency: "USD",
      contractSize: 1,
      optionType: "call",
      strike: 48_000,
      fundingStyle: "continuous",
      fundingPeriodDays: 5,
    };
    const listed = { forwardPrice: index, markPrice: 3200, markVolatility: 0.6, volatilitySource: "mark" } as const;
    const options = marketSnapshot([underlyingState("BTC", index)], [{ instrument, ...listed }]);
    const long = marginOf(options, holding("CALL", 3, { entryPrice: 3200 }));
    // (3,200 - 2,000) / 120 hours x 8 hours x 3.
    assertClose(componentOf(long, "expected_funding"), 240, 1e-9, {});
    assertClose(long.units[0]?.greeks.theta ?? Number.NaN, -720, 1e-9, {});
    expect(componentOf(marginOf(options, holding("CALL", -3, { entryPrice: 3200 })), "expected_funding")).toBe(0);
  });
});

describe("spot and borrowing", () => {
  const market = marketWith(null);
  const owing = (amount: number, methodId: MethodId = "portfolio"): Pool =>
    accountWith({
      methodId,
      collateral: [
        { asset: "BTC", amount },
        { asset: "USD", amount: 200_000 },
      ],
    });

  it("count a spot holding after its haircut and a borrowed one in full", () => {
    const held = marginOf(market, owing(2));
    const owed = marginOf(market, owing(-2));
    expect(held.equity).toBe(300_000);
    expect(held.marginBalance).toBeLessThan(300_000);
    expect(owed.equity).toBe(100_000);
    expect(owed.marginBalance).toBe(100_000);
  });

  it("ask margin for the price of what is owed under every method", () => {
    for (const methodId of ["portfolio", "tims", "portfolio_okx", "derive_pmrm_2"] as const) {
      const owed = marginOf(market, owing(-2, methodId));
      expect(owed.maintenanceMargin).toBeGreaterThanOrEqual(0.08 * 100_000);
      expect(componentOf(owed, "borrowing_charge")).toBe(0);
    }
    for (const methodId of ["static", "isolated", "standard", "span", "derive_srm"] as const) {
      const owed = marginOf(market, owing(-2, methodId));
      // The rates of the method `static` on BTC: 20 % and 16 % of what is owed.
      assertClose(componentOf(owed, "borrowing_charge"), 20_000, 1e-9, { methodId });
      expect(owed.maintenanceMargin).toBeGreaterThanOrEqual(16_000);
      expect(componentOf(marginOf(market, owing(2, methodId)), "borrowing_charge")).toBe(0);
    }
  });

  it("ask the pool of a coin for the dollars it owes", () => {
    const pool = (methodId: MethodId) =>
      accountWith({
        methodId,
        poolCurrency: "BTC",
        collateral: [
          { asset: "BTC", amount: 3 },
          { asset: "USD", amount: -50_000 },
        ],
      });
    assertClose(componentOf(marginOf(market, pool("static")), "borrowing_charge"), 0.2, 1e-12, {});
    // A fall of 10 % makes 50,000 dollars worth 0.111 coins more.
    expect(marginOf(market, pool("portfolio")).initialMargin).toBeGreaterThan(0.111);
  });
});

describe("the horizon of expected funding", () => {
  it("has bounds, and is 0 in parameter sets from before it existed", () => {
    const wire = encodeParameters(defaultParameters);
    expect(wire.funding_horizon_hours).toBe(8);
    const { funding_horizon_hours: _, ...earlier } = wire;
    expect(decodeParameters(earlier).fundingHorizonHours).toBe(0);
    for (const hours of [-1, 721, Number.NaN]) {
      expect(() => encodeParameters({ ...defaultParameters, fundingHorizonHours: hours })).toThrow(
        "funding_horizon_hours",
      );
    }
  });
});

describe("open orders of perpetual options", () => {
  it("debit no premium, and ask margin of what they would open", () => {
    const instrument: PerpetualOptionInstrument = {
      kind: "perpetual_option",
      instrumentId: "PUT",
      underlying: "BTC",
      settlement: "linear",
      quoteCurrency: "USD",
      contractSize: 1,
      optionType: "put",
      strike: 48_000,
      fundingStyle: "discrete",
      fundingPeriodDays: 1,
    };
    const listed = { forwardPrice: index, markPrice: 250, markVolatility: 0.6, volatilitySource: "mark" } as const;
    const market = marketSnapshot([underlyingState("BTC", index)], [{ instrument, ...listed }]);
    const engine = createMarginEngine(market, defaultParameters);
    const flat = accountWith({ collateral: [{ asset: "USD", amount: 50_000 }] });
    const order = { orderId: "sell", instrumentId: "PUT", quantity: -2, price: 250 };
    const projected = engine.projectMargin(flat, [order]);
    const sold = marginOf(market, holding("PUT", -2, { entryPrice: 250 }, flat));
    expect(projected).toMatchObject({ projectedInitialMargin: sold.initialMargin, worstOrderIds: ["sell"] });
    expect(sold.equity).toBe(50_000);
  });
});
