import { readFileSync } from "node:fs";
import { importMarket, snapshotOfBatch } from "@plimsoll/markets";
import {
  buildStressSet,
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  measureReferencePortfolios,
  methodIds,
  type Pool,
  type QuotedInstrument,
  stressHistory,
  stressPool,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import {
  accountWith,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const folder = new URL("../fixtures/cases/coin-quoted-perpetual/", import.meta.url).pathname;
const crossId = "ETH_BTC-PERPETUAL";

const underlyings = [
  underlyingState("BTC", 70_000),
  underlyingState("ETH", 2_000),
  underlyingState("EUR", 1.25),
] as const;
const btc = quotedPerpetual({ instrumentId: "BTC_USDC-PERPETUAL", underlying: "BTC", quoteCurrency: "USDC" }, 70_000);
const cross = quotedPerpetual({ instrumentId: crossId, underlying: "ETH", quoteCurrency: "BTC" }, 2_000 / 70_000);

function engineWith(...instruments: QuotedInstrument[]) {
  return createMarginEngine(marketSnapshot(underlyings, [btc, ...instruments]), defaultParameters);
}

function holding(instrumentId: string, quantity: number, entryPrice: number, rest: Partial<Pool> = {}): Pool {
  return accountWith({
    collateral: [{ asset: "USD", amount: 235_000 }],
    ...rest,
    positions: [...(rest.positions ?? []), { instrumentId, quantity, entryPrice }],
  });
}

const refusal = {
  status: "not_margined",
  code: "unsupported_instrument",
  field: "positions[0].instrument_id",
  value: `${crossId}: it is quoted in BTC, whose price moves`,
  remedy: expect.stringMatching(/US dollars or in a stablecoin/),
};

describe.each(methodIds)("a contract quoted in another coin, under %s", (methodId) => {
  it.each(["USD", "USDC", "BTC", "ETH"])("is refused by name in a %s pool, long and short", (poolCurrency) => {
    if (methodId.startsWith("derive") && ["BTC", "ETH"].includes(poolCurrency)) return;
    const engine = engineWith(cross);
    for (const quantity of [1_000, -1_000]) {
      const account = holding(crossId, quantity, 2_000 / 70_000, { methodId, poolCurrency });
      const own = { ...account, collateral: [{ asset: poolCurrency, amount: 400_000 }] };
      expect(engine.margin(own)).toMatchObject(refusal);
      for (const { price, reason } of engine.callPrices(own)) expect({ price, reason }).toEqual(notMargined);
      expect(engine.collateral(own)).toEqual([]);
      expect(engine.explainVar(own)).toBeNull();
    }
  });

  it("is left out of the orders by name", () => {
    const order = { orderId: "a", instrumentId: crossId, quantity: 10, price: 0.03 };
    const cash = accountWith({ methodId, collateral: [{ asset: "USD", amount: 1_000_000 }] });
    const field = "open_orders[0].instrument_id";
    expect(engineWith(cross).projectMargin(cash, [order])).toMatchObject({ ...refusal, field });
  });
});

const notMargined = { price: null, reason: "not_margined" };

describe("a contract quoted in what moves", () => {
  const kinds = [
    [
      "a future",
      quotedFuture({ instrumentId: "X", underlying: "ETH", quoteCurrency: "BTC", expiryMs: expiryInDays(9) }, 0.03),
    ],
    [
      "an option",
      quotedOption(
        {
          instrumentId: "X",
          underlying: "ETH",
          quoteCurrency: "BTC",
          optionType: "call",
          strike: 0.03,
          expiryMs: expiryInDays(9),
        },
        0.03,
        0.5,
      ),
    ],
    [
      "a coin-settled one",
      quotedPerpetual({ instrumentId: "X", underlying: "ETH", quoteCurrency: "BTC", settlement: "inverse" }, 0.03),
    ],
    ["one in euros", quotedPerpetual({ instrumentId: "X", underlying: "ETH", quoteCurrency: "EUR" }, 1_600)],
    ["one in a token", quotedPerpetual({ instrumentId: "X", underlying: "ETH", quoteCurrency: "WSTETH" }, 0.8)],
    [
      "one in a coin that is no underlying",
      quotedPerpetual({ instrumentId: "X", underlying: "ETH", quoteCurrency: "DOGE" }, 5_000),
    ],
  ] as const;

  it.each(kinds)("is refused: %s", (_, quoted) => {
    const snapshot = marketSnapshot(underlyings, [btc, quoted]);
    const priced = ["WSTETH", "DOGE"].map((currency) => ({ currency, priceUsd: 0.4 }));
    const market = { ...snapshot, currencies: [...snapshot.currencies, ...priced] };
    const parameters = {
      ...defaultParameters,
      // Nothing moves WSTETH here, so that only its being a quote currency stands in the way.
      collateral: defaultParameters.collateral.map((row) => ({ ...row, movesInScenarios: false })),
    };
    const result = createMarginEngine(market, parameters).margin(holding("X", 1, quoted.markPrice));
    expect(result).toMatchObject({ status: "not_margined", code: "unsupported_instrument" });
    expect("value" in result && result.value).toMatch(/^X: it is quoted in (BTC|EUR|WSTETH|DOGE), whose price moves$/);
  });

  it("is refused where it settles in cash of its own coin: its price would be 1", () => {
    const own = quotedPerpetual({ instrumentId: "X", underlying: "ETH", quoteCurrency: "ETH" }, 2_000);
    expect(engineWith(own).margin(holding("X", 1, 2_000))).toMatchObject({
      status: "not_margined",
      code: "unsupported_instrument",
      value: expect.stringMatching(/^X: .*ETH/),
    });
  });

  it("is margined in US dollars, in a stablecoin, and settled in its own coin whatever it says of its quotes", () => {
    const terms = { underlying: "ETH", optionType: "call", strike: 2_100, expiryMs: expiryInDays(20) } as const;
    const option = (instrumentId: string, quoteCurrency: string) =>
      quotedOption({ instrumentId, settlement: "inverse", quoteCurrency, ...terms }, 2_000, 0.6);
    const engine = engineWith(
      option("IN-USD", "USD"),
      option("IN-ETH", "ETH"),
      quotedPerpetual({ instrumentId: "LINEAR-USD", underlying: "ETH" }, 2_000),
      quotedPerpetual({ instrumentId: "LINEAR-USDT", underlying: "ETH", quoteCurrency: "USDT" }, 2_000),
      quotedPerpetual({ instrumentId: "INVERSE", underlying: "ETH", settlement: "inverse" }, 2_000),
    );
    for (const id of ["LINEAR-USD", "LINEAR-USDT", "INVERSE"]) {
      expect(engine.margin(holding(id, 10, 2_000)), id).toMatchObject({
        status: "margined",
        units: [{ underlying: "ETH" }],
      });
    }
    for (const quantity of [10, -10]) {
      const [dollars, coin] = ["IN-USD", "IN-ETH"].map((id) => engine.margin(holding(id, quantity, 0)));
      expect(coin).toEqual(dollars);
      expect(engine.callPrices(holding("IN-ETH", quantity, 0))).toEqual(
        engine.callPrices(holding("IN-USD", quantity, 0)),
      );
    }
  });
});

describe("beside what can be margined, a contract quoted in a coin", () => {
  const beside = holding(crossId, 1_000, 0.03, {
    collateral: [{ asset: "USD", amount: 3_000_000 }],
    positions: [{ instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 70_000 }],
  });
  const ratesOf = (name: string) => defaultParameters.scan.find(({ underlying }) => underlying === name)!;

  function margined(account: Pool): MarginedPool {
    const result = engineWith(cross).margin(account);
    if (result.status !== "margined") throw new Error(result.value);
    return result;
  }

  it("counts at its mark with the rates of static for both coins", () => {
    const alone = margined({ ...beside, positions: beside.positions.slice(0, 1) });
    const both = margined(beside);
    const lossUsd = 1_000 * (0.03 - 2_000 / 70_000) * 70_000;
    const notionalUsd = 2_000_000;
    expect(both.incomplete).toMatchObject([{ code: "unsupported_instrument", assumed: "static_rates" }]);
    expect(both.equity - alone.equity).toBeCloseTo(-lossUsd, 6);
    const initialRate = ratesOf("ETH").staticInitialRate + ratesOf("BTC").staticInitialRate;
    const maintenanceRate = ratesOf("ETH").staticMaintenanceRate + ratesOf("BTC").staticMaintenanceRate;
    expect(both.initialMargin - alone.initialMargin).toBeCloseTo(notionalUsd * initialRate, 6);
    expect(both.maintenanceMargin - alone.maintenanceMargin).toBeCloseTo(notionalUsd * maintenanceRate, 6);
  });

  it("is moved by both coins in a stress", () => {
    const snapshot = marketSnapshot(underlyings, [btc, cross]);
    const set = buildStressSet({ coins: ["BTC", "ETH"], stablecoins: ["USDC"] }, stressHistory);
    const lossesOf = (account: Pool) => {
      const result = stressPool(account, snapshot, defaultParameters, set);
      if (result.status !== "stressed") throw new Error(result.value);
      return new Map(result.losses.map(({ scenarioId, loss }) => [scenarioId, loss]));
    };
    const without = lossesOf({ ...beside, positions: beside.positions.slice(0, 1) });
    const lossIn = (id: string) => lossesOf(beside).get(id)! - without.get(id)!;
    const before = 1_000 * (2_000 / 70_000 - 0.03) * 70_000;
    const equityAt = (eth: number, btcMove: number) =>
      1_000 * ((2_000 / 70_000) * (eth / btcMove) - 0.03) * 70_000 * btcMove;
    expect(lossIn("correlation-one-down")).toBeCloseTo(before - equityAt(0.7, 0.7), 6);
    expect(lossIn("correlation-breakdown-BTC-up")).toBeCloseTo(before - equityAt(0.7, 1.3), 6);
    expect(lossIn("depeg-USDC")).toBeCloseTo(0, 6);
  });

  it("stands for no coin among the reference portfolios", () => {
    const snapshot = marketSnapshot(underlyings, [
      btc,
      cross,
      quotedPerpetual({ instrumentId: "ETH_USDC-PERPETUAL", underlying: "ETH", quoteCurrency: "USDC" }, 2_000),
    ]);
    const found = measureReferencePortfolios(snapshot, defaultParameters).filter(({ name }) => name.startsWith("ETH"));
    expect(found).toHaveLength(2);
    for (const { requirement } of found) expect(requirement).toBeGreaterThan(0);
  });
});

describe("the commands", () => {
  it.each(["margin", "compare", "explain", "stress"])(
    "%s names the contract and what it is quoted in",
    async (command) => {
      for (const market of ["market.json", "market-btc-up-10.json"]) {
        const run = await runPlimsoll(folder, [command, `${folder}portfolio.json`, "--market", folder + market]);
        const text = (run.out + run.err).replaceAll(/\s+/g, " ");
        expect(text).toContain(`${crossId}: it is quoted in BTC`);
        expect(text).not.toMatch(/LIQUIDATION|BANKRUPT|not reached/);
      }
    },
  );

  it("import the market, whose marks are the venue's", async () => {
    const { batch } = await importMarket(`${folder}market.json`);
    const snapshot = snapshotOfBatch(batch);
    expect(snapshot.instruments.map(({ instrument }) => instrument.instrumentId)).toContain(crossId);
    expect(JSON.parse(readFileSync(`${folder}portfolio.json`, "utf8"))).toMatchObject({ pool_currency: "USD" });
  });
});
