import { type CallPrice, createMarginEngine, defaultParameters, type MethodId, moveUnderlying } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { createBook } from "../../packages/risk/src/engine/book/create-book.ts";
import { findCallPrices } from "../../packages/risk/src/engine/call-prices/call-prices.ts";
import { createMarket } from "../../packages/risk/src/engine/market/market.ts";
import { isOverfull, type NodePrices } from "../../packages/risk/src/engine/measure/node-prices.ts";
import { chain } from "../support/books.ts";
import {
  accountWith,
  expiryInDays,
  marketSnapshot,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";
import { unitsOfWork } from "../support/work.ts";

const instruments = [
  quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC", settlement: "inverse" }, 50_000),
  quotedPerpetual({ instrumentId: "BTC_USD-PERPETUAL", underlying: "BTC" }, 50_000),
  ...[100_000, 115_000].map((strike) =>
    quotedOption(
      { instrumentId: `BTC-1D-${strike}-C`, underlying: "BTC", optionType: "call", strike, expiryMs: expiryInDays(1) },
      50_000,
      0.3,
    ),
  ),
];
const snapshot = marketSnapshot([underlyingState("BTC", 50_000), underlyingState("ETH", 2_000)], instruments);
const engine = createMarginEngine(snapshot, defaultParameters);

function pick(
  prices: readonly CallPrice[],
  direction: CallPrice["direction"],
  severity: CallPrice["severity"],
): CallPrice {
  const found = prices.find((entry) => entry.direction === direction && entry.severity === severity);
  if (found === undefined) throw new Error(`no ${direction} ${severity}`);
  return found;
}

describe("call prices of a linear perpetual", () => {
  const long = accountWith({
    collateral: [{ asset: "USD", amount: 20_000 }],
    positions: [{ instrumentId: "BTC_USD-PERPETUAL", quantity: 1, entryPrice: 49_000 }],
  });
  const prices = engine.callPrices(long);

  it("are where its balance, straight in the price, meets its requirement, straight in the price", () => {
    // 20,000 + P - 49,000 = share x 10 % P
    const closedForm = (share: number) => 29_000 / (1 - share * 0.1);
    const expected = {
      WARNING: closedForm(1 / 0.85),
      MARGIN_CALL: closedForm(1),
      REDUCE_ONLY: closedForm(0.8 / 0.92),
      LIQUIDATION: closedForm(0.8),
      BANKRUPT: 29_000,
    } as const;
    for (const [severity, price] of Object.entries(expected)) {
      const found = pick(prices, "down", severity as CallPrice["severity"]);
      expect((found.price ?? Number.NaN) / price).toBeCloseTo(1, 8);
      expect(found.distance).toBeCloseTo(price / 50_000 - 1, 8);
      expect(found.reason).toBeNull();
    }
  });

  it("are none where the price helps", () => {
    for (const entry of prices.filter(({ direction }) => direction === "up")) {
      expect(entry).toMatchObject({ price: null, distance: null, reason: "not_reached_in_range" });
    }
  });

  it("are given for each direction and severity of each underlying, from mild to grave", () => {
    const order = ["WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"];
    expect(prices.map(({ direction, severity }) => `${direction} ${severity}`)).toEqual([
      ...order.map((severity) => `up ${severity}`),
      ...order.map((severity) => `down ${severity}`),
    ]);
  });
});

describe("call prices of other pools", () => {
  it("of a coin pool include the fall of the coin behind a long inverse perpetual", () => {
    const account = accountWith({
      poolCurrency: "BTC",
      collateral: [{ asset: "BTC", amount: 1 }],
      positions: [{ instrumentId: "BTC-PERPETUAL", quantity: 50_000, entryPrice: 50_000 }],
    });
    // 1 + 50,000 (1/50,000 - 1/P) coin is nothing at half the price.
    expect(pick(engine.callPrices(account), "down", "BANKRUPT").price).toBeCloseTo(25_000, 4);
  });

  it("of a coin held against a dollar debt need no position", () => {
    const account = accountWith({
      collateral: [
        { asset: "BTC", amount: 1 },
        { asset: "USD", amount: -20_000 },
      ],
    });
    const prices = engine.callPrices(account);
    expect(pick(prices, "down", "BANKRUPT").price).toBeCloseTo(20_000, 4);
    // 0.98 P - 20,000 = 0.8 x 10 % of P
    expect(pick(prices, "down", "LIQUIDATION").price).toBeCloseTo(20_000 / (0.98 - 0.08), 4);
  });
});

describe("call prices of a contract quoted in another underlying's coin", () => {
  it("are none: its price is a ratio of two, and half of its risk is no price", () => {
    const cross = quotedPerpetual({ instrumentId: "ETH_BTC-PERPETUAL", underlying: "ETH", quoteCurrency: "BTC" }, 0.04);
    const market = marketSnapshot(snapshot.underlyings, [...instruments, cross]);
    const account = accountWith({
      collateral: [{ asset: "USD", amount: 9_000 }],
      positions: [{ instrumentId: "ETH_BTC-PERPETUAL", quantity: -20, entryPrice: 0.038 }],
    });
    const prices = createMarginEngine(market, defaultParameters).callPrices(account);
    expect(prices.length).toBeGreaterThan(0);
    for (const { price, reason } of prices) expect({ price, reason }).toEqual({ price: null, reason: "not_margined" });
  });
});

describe("a call price inside a dip", () => {
  it("is found although the nodes on both sides of it are well above zero", () => {
    // One call sold at 100,000 and two bought at 115,000: just before expiry equity is lowest near the upper strike.
    const positions = [
      { instrumentId: "BTC-1D-100000-C", quantity: -1, entryPrice: 1 },
      { instrumentId: "BTC-1D-115000-C", quantity: 2, entryPrice: 1 },
    ];
    const equityAt = (price: number) => {
      const moved = createMarginEngine(moveUnderlying(snapshot, "BTC", price / 50_000), defaultParameters);
      const result = moved.margin(accountWith({ positions }));
      return result.status === "margined" ? result.equity : Number.NaN;
    };
    let lowest = 0;
    for (let price = 110_000; price <= 120_000; price += 50) lowest = Math.min(lowest, equityAt(price));
    expect(lowest).toBeLessThan(-12_000);
    const account = accountWith({ collateral: [{ asset: "USD", amount: -lowest - 50 }], positions });
    const found = pick(engine.callPrices(account), "up", "BANKRUPT");
    expect(found.price).toBeGreaterThan(112_000);
    expect(found.price).toBeLessThan(116_000);
    expect(equityAt(found.price ?? Number.NaN) - lowest - 50).toBeCloseTo(0, 3);
  });
});

describe("a moved underlying", () => {
  it("leaves an option's mark as far from the model as it was, but not below nothing", () => {
    const shifted = (by: number) => ({
      ...snapshot,
      instruments: snapshot.instruments.map((quoted) => ({ ...quoted, markPrice: quoted.markPrice + by })),
    });
    const callOf = (market: typeof snapshot) =>
      market.instruments.find(({ instrument }) => instrument.instrumentId === "BTC-1D-100000-C")?.markPrice;
    const atModel = callOf(moveUnderlying(snapshot, "BTC", 2));
    expect(atModel).toBeGreaterThan(500);
    expect(callOf(moveUnderlying(shifted(30), "BTC", 2))).toBeCloseTo((atModel ?? Number.NaN) + 30, 9);
    expect(callOf(moveUnderlying(shifted(-30), "BTC", 0.5))).toBe(0);
  });

  it("stays away from the other underlyings", () => {
    const moved = moveUnderlying(snapshot, "ETH", 3);
    expect(moved.instruments).toEqual(snapshot.instruments);
    expect(moved.currencies.filter(({ currency }) => currency !== "ETH")).toEqual(
      snapshot.currencies.filter(({ currency }) => currency !== "ETH"),
    );
    expect(moved.underlyings.map(({ indexPrice }) => indexPrice)).toEqual([50_000, 6_000]);
  });
});

describe("a call price that is not given", () => {
  it("says that the severity is there already", () => {
    const account = accountWith({
      collateral: [{ asset: "USD", amount: 5_000 }],
      positions: [{ instrumentId: "BTC_USD-PERPETUAL", quantity: 1, entryPrice: 50_000 }],
    });
    const prices = engine.callPrices(account);
    expect(pick(prices, "down", "MARGIN_CALL").reason).toBe("already_at_or_beyond");
    expect(pick(prices, "down", "LIQUIDATION").price).toBeLessThan(50_000);
  });

  it("says that nothing depends on the price", () => {
    const account = accountWith({ positions: [{ instrumentId: "BTC-PERPETUAL", quantity: 0, entryPrice: 50_000 }] });
    expect(engine.callPrices(account).map(({ reason }) => reason)).toEqual(new Array(10).fill("no_exposure"));
  });

  // Seen to fail with a coin pool taken as exposed to its coin whatever it holds, and with only positions looked at.
  it("says so of a coin pool with nothing but its coin in it, and not where it holds another currency", () => {
    const pool = { poolCurrency: "BTC", collateral: [{ asset: "BTC", amount: 1 }] };
    const closed = [{ instrumentId: "BTC-PERPETUAL", quantity: 0, entryPrice: 50_000 }];
    const alone = engine.callPrices(accountWith({ ...pool, positions: closed }));
    expect(alone.map(({ reason }) => reason)).toEqual(new Array(10).fill("no_exposure"));
    const debt = { asset: "USD", amount: -40_000 };
    const owing = engine.callPrices(
      accountWith({ ...pool, collateral: [...pool.collateral, debt], positions: closed }),
    );
    expect(owing.map(({ reason }) => reason)).not.toContain("no_exposure");
    expect(pick(owing, "down", "BANKRUPT").price).toBeCloseTo(40_000, 2);
  });

  it("says that the account cannot be margined", () => {
    const account = accountWith({
      poolCurrency: "EUR",
      positions: [{ instrumentId: "BTC-PERPETUAL", quantity: 1, entryPrice: 50_000 }],
    });
    const prices = engine.callPrices(account);
    expect(prices).toHaveLength(10);
    expect(prices.every(({ price, reason }) => price === null && reason === "not_margined")).toBe(true);
  });

  it("is missing altogether for an account that holds nothing", () => {
    expect(engine.callPrices(accountWith({}))).toEqual([]);
  });
});

describe("the work of a search for call prices", () => {
  const book = (methodId: MethodId) =>
    accountWith({
      methodId,
      collateral: [{ asset: "USD", amount: 5_000_000 }],
      positions: chain.instruments.map(({ instrument: { instrumentId }, markPrice }) => ({
        instrumentId,
        quantity: -1,
        entryPrice: markPrice,
      })),
    });

  it.each(["portfolio", "span", "var"] as const)(
    "of %s is done to its end or not at all, with the same bits after any number of stops",
    (methodId) => {
      const account = book(methodId);
      const whole = createMarginEngine(chain, defaultParameters).callPrices(account);
      expect(whole.some(({ price }) => price !== null)).toBe(true);
      const used = createMarginEngine(chain, defaultParameters);
      for (const units of [0, 1, 2, 9, 30]) {
        expect(used.callPrices(account, unitsOfWork(units))).toEqual({ status: "stopped" });
      }
      expect(used.callPrices(account, () => true)).toEqual(whole);
    },
  );

  it("keeps no more risk arrays than it has room for, whatever the number of scenarios", () => {
    const market = createMarket(chain, defaultParameters);
    const prepared = createBook(market, book("var"));
    if ("status" in prepared) throw new Error(prepared.remedy);
    const nodePrices: NodePrices = new Map();
    findCallPrices(market, prepared, nodePrices, () => true);
    expect(isOverfull(nodePrices)).toBe(false);
  });
});
