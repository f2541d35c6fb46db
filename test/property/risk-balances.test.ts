import {
  buildStressSet,
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MethodId,
  methodIds,
  type ParameterSet,
  type Pool,
  stressHistory,
  stressPool,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertySettings } from "../support/books.ts";
import { collateralSnapshot } from "../support/collateral.ts";
import { accountWith, underlyingState } from "../support/market.ts";

const snapshot = collateralSnapshot();
const assets = [...defaultParameters.collateral.map(({ asset }) => asset), "DOGE"];

/** The parameters as shipped, with all balances moving. */
const moving: ParameterSet = {
  ...defaultParameters,
  collateral: defaultParameters.collateral.map((entry) => ({
    ...entry,
    movesInScenarios: entry.valuation.kind !== "pegged" && entry.asset !== "USD",
  })),
};

const { methods } = moving;
const named = <Row extends { readonly underlying: string }>(rows: readonly Row[]) =>
  rows.filter(({ underlying }) => underlying === "BTC").length > 0
    ? rows.filter(({ underlying }) => underlying === "BTC")
    : rows.map((row) => ({ ...row, underlying: "BTC" }));

/** The same with a row for BTC alone in every method that has rows by coin. */
const bitcoinOnly: ParameterSet = {
  ...moving,
  methods: {
    ...methods,
    standard: { ...methods.standard, futures: named(methods.standard.futures) },
    isolated: { ...methods.isolated, futures: named(methods.isolated.futures) },
    span: { ...methods.span, underlyings: named(methods.span.underlyings), credits: [] },
    tims: { ...methods.tims, classes: named(methods.tims.classes) },
    portfolioDeribit: { ...methods.portfolioDeribit, currencies: methods.portfolioDeribit.currencies.slice(0, 1) },
    portfolioOkx: {
      ...methods.portfolioOkx,
      lists: methods.portfolioOkx.lists.slice(0, 1).map((list) => ({ ...list, underlyings: ["BTC"] })),
    },
    portfolioBybit: {
      ...methods.portfolioBybit,
      coins: methods.portfolioBybit.coins.filter(({ scan }) => scan.underlying === "BTC"),
    },
    derivePmrm1: { ...methods.derivePmrm1, underlyings: ["BTC"] },
    derivePmrm2: { ...methods.derivePmrm2, underlyings: ["BTC"] },
    deriveSrm: { ...methods.deriveSrm, markets: named(methods.deriveSrm.markets) },
    accountRatio: { ...methods.accountRatio, schedules: named(methods.accountRatio.schedules) },
  },
};

const sets = { "as shipped": defaultParameters, "all moving": moving, "a row for BTC only": bitcoinOnly };

/** Amounts of up to a few hundred units, some owed, an asset more than once now and then. */
const balances = fc.array(
  fc.record({
    asset: fc.constantFrom(...assets),
    amount: fc.oneof(fc.integer({ min: -300, max: 900 }), fc.constantFrom(0, 250_000, -20_000, Number.NaN)),
  }),
  { maxLength: 7 },
);

const positions = fc.array(
  fc.record({
    instrumentId: fc.constantFrom(...snapshot.instruments.map(({ instrument }) => instrument.instrumentId), "GONE"),
    quantity: fc.integer({ min: -20, max: 20 }),
    entryPrice: fc.constantFrom(0, 100, 1_900, 61_000),
  }),
  { maxLength: 3 },
);

const orders = fc.array(
  fc.record({
    orderId: fc.constantFrom("a", "b"),
    instrumentId: fc.constantFrom(...snapshot.instruments.map(({ instrument }) => instrument.instrumentId)),
    quantity: fc.integer({ min: -5, max: 5 }),
    price: fc.constantFrom(10, 2_000, 60_000),
  }),
  { maxLength: 2 },
);

const accounts = fc
  .record({
    poolCurrency: fc.constantFrom("USD", "USDC", "BTC", "ETH", "SOL", "WSTETH"),
    collateral: balances,
    positions,
  })
  .map(accountWith);

/** The codes and fields of all that a result refuses. */
function refusalsOf(engine: MarginEngine, account: Pool) {
  const result = engine.margin(account);
  return result.status === "margined" ? (result.incomplete ?? []) : [result];
}

describe.each(Object.entries(sets))("with parameters %s", (_, parameters) => {
  const engine = createMarginEngine(snapshot, parameters);

  it.each(methodIds)("any balances are margined or refused by name under %s, and nothing throws", (methodId) => {
    fc.assert(
      fc.property(accounts, orders, (held, open) => {
        const account = { ...held, methodId };
        const result = engine.margin(account);
        if (result.status === "margined") {
          const { equity, marginBalance, initialMarginBalance, initialMargin, maintenanceMargin } = result;
          for (const figure of [equity, marginBalance, initialMarginBalance, initialMargin, maintenanceMargin]) {
            expect(Number.isFinite(figure)).toBe(true);
          }
        }
        for (const { field, value, remedy } of refusalsOf(engine, account)) {
          expect(field).toMatch(/^(positions|collateral)\[\d+\]\.|^pool_currency$/);
          expect(value.length * remedy.length).toBeGreaterThan(0);
        }
        engine.collateral(account);
        engine.explainVar(account);
        engine.scenarioLosses(account);
        engine.oldestPriceAgeMs(account);
        engine.projectMargin(account, open);
        engine.callPrices(account);
      }),
      { ...propertySettings, numRuns: 30 },
    );
  });

  it.each(methodIds)("splitting a balance, and what stands before it, changes nothing under %s", (methodId) => {
    fc.assert(
      fc.property(accounts, fc.integer({ min: -50, max: 50 }), (held, part) => {
        const sound = held.collateral.filter(({ amount }) => Number.isFinite(amount));
        const account = { ...held, methodId, collateral: sound };
        const split = sound.flatMap(({ asset, amount }) => [
          { asset, amount: amount - part },
          { asset, amount: part },
        ]);
        const [whole, parts] = [account, { ...account, collateral: split.toReversed() }].map((one) =>
          engine.margin(one),
        );
        expect(parts!.status).toBe(whole!.status);
        if (whole!.status !== "margined" || parts!.status !== "margined") return;
        for (const figure of ["equity", "marginBalance", "initialMargin", "maintenanceMargin"] as const) {
          const slack = 1e-9 * (1 + Math.abs(whole![figure]) + 1e7);
          expect(Math.abs(parts![figure] - whole![figure]), figure).toBeLessThan(slack);
        }
      }),
      { ...propertySettings, numRuns: 40 },
    );
  });
});

describe("a balance in a coin that a method has no row for", () => {
  const engine = createMarginEngine(snapshot, defaultParameters);
  const movingEngine = createMarginEngine(snapshot, moving);
  const stresses = buildStressSet({ coins: ["BTC", "ETH", "SOL"], stablecoins: [] }, stressHistory);
  const cash = { asset: "USD", amount: 1_000_000 };
  const long = { instrumentId: "BTC-PERPETUAL", quantity: 1, entryPrice: 60_000 };
  const without = ["portfolio_deribit", "portfolio_bybit", "derive_pmrm_1", "derive_pmrm_2", "derive_srm"] as const;
  const owing = (methodId: MethodId, amount: number) =>
    accountWith({ methodId, collateral: [cash, { asset: "SOL", amount }] });

  it.each(without)("is refused by name under %s when it is owed, as a position in it is", (methodId) => {
    const refused = engine.margin(owing(methodId, -700));
    const position = engine.margin(
      accountWith({ methodId, collateral: [cash], positions: [{ ...long, instrumentId: "SOL-PERPETUAL" }] }),
    );
    const expected = { status: "not_margined", code: "unsupported_instrument" };
    expect(position).toMatchObject(expected);
    expect(refused).toMatchObject({ ...expected, field: "collateral[1].asset" });
    if (refused.status !== "not_margined" || position.status !== "not_margined") return;
    expect(refused.value).toMatch(/^SOL: .* have no row for SOL$/);
    expect(stressPool(owing(methodId, -700), snapshot, defaultParameters, stresses)).toEqual(refused);
    expect(refused.remedy).toBe(position.remedy);
  });

  it.each(without)("is asked the rates of static beside what can be margined under %s", (methodId) => {
    const margined = (account: Pool) => {
      const result = engine.margin(account);
      if (result.status !== "margined") throw new Error(result.value);
      return result;
    };
    const own = margined({ ...owing(methodId, 0), positions: [long] });
    const both = margined({ ...owing(methodId, -700), positions: [long] });
    const rates = defaultParameters.scan.find(({ underlying }) => underlying === "*")!;
    expect(both.incomplete).toMatchObject([
      { code: "unsupported_instrument", assumed: "static_rates", worth: -105_000 },
    ]);
    expect(both.equity - own.equity).toBeCloseTo(-105_000, 6);
    expect(both.initialMargin - own.initialMargin).toBeCloseTo(105_000 * rates.staticInitialRate, 6);
    expect(both.maintenanceMargin - own.maintenanceMargin).toBeCloseTo(105_000 * rates.staticMaintenanceRate, 6);
  });

  it.each(without)("counts for nothing under %s when it is held and moves, and may be worth its price", (methodId) => {
    const account = { ...owing(methodId, 100), positions: [long] };
    const result = movingEngine.margin(account);
    if (result.status !== "margined") throw new Error(result.value);
    expect(result.incomplete).toMatchObject([
      { code: "unsupported_instrument", assumed: "counts_for_nothing", worth: 0 },
    ]);
    expect(result.proven!.equity - result.equity).toBeCloseTo(15_000, 6);
    const row = movingEngine.collateral(account).find(({ asset }) => asset === "SOL");
    expect(row).toMatchObject({ countedInitial: 0, countedMaintenance: 0, reasons: ["no_rule"] });
    // What stands still needs no row.
    expect(engine.margin(account)).not.toHaveProperty("incomplete");
  });

  it("is told by the coin that a token stands for", () => {
    const account = accountWith({ methodId: "portfolio_deribit", collateral: [cash, { asset: "WSTETH", amount: -1 }] });
    expect(createMarginEngine(snapshot, bitcoinOnly).margin(account)).toMatchObject({
      code: "unsupported_instrument",
      value: "WSTETH: parameters after Deribit have no row for ETH",
    });
  });

  it("is refused as the coin of a pool as soon as anything else is in it", () => {
    const pool = accountWith({
      methodId: "portfolio_deribit",
      poolCurrency: "SOL",
      collateral: [{ asset: "SOL", amount: 10 }],
    });
    expect(engine.margin(pool)).toMatchObject({ status: "margined", equity: 10, initialMargin: 0 });
    expect(engine.margin({ ...pool, collateral: [...pool.collateral, cash] })).toMatchObject({
      status: "not_margined",
      code: "unsupported_instrument",
      field: "pool_currency",
    });
  });

  it("is no matter of a pool in a peg, which is cash even where the snapshot has it as an underlying", () => {
    const pegged = { ...snapshot, underlyings: [...snapshot.underlyings, underlyingState("USDC", 1)] };
    const account = accountWith({
      methodId: "derive_srm",
      poolCurrency: "USDC",
      collateral: [{ asset: "USDC", amount: 50_000 }],
      positions: [long],
    });
    const alike = { equity: 50_000, marginBalance: 50_000 };
    expect(engine.margin(account)).toMatchObject(alike);
    expect(createMarginEngine(pegged, defaultParameters).margin(account)).toMatchObject(alike);
  });

  it("nets before it is asked for: what is owed and held in two entries is one balance", () => {
    const twice = (owed: number) =>
      engine.margin({
        ...owing("portfolio_deribit", 900),
        collateral: [cash, { asset: "SOL", amount: 900 }, { asset: "SOL", amount: owed }],
      });
    expect(twice(-800)).toEqual(engine.margin(owing("portfolio_deribit", 100)));
    expect(twice(-1_600)).toMatchObject({ status: "not_margined", field: "collateral[1].asset" });
  });

  it("is margined by the account ratio, whose loan rates know every coin", () => {
    expect(engine.margin(owing("account_ratio", -700))).toMatchObject({ status: "margined" });
  });
});
