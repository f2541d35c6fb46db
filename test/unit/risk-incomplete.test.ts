import {
  assessResult,
  contributionsOf,
  createMarginEngine,
  defaultParameters,
  findCures,
  type LapsedInstrument,
  type MarginedPool,
  type MarketSnapshot,
  moveUnderlying,
  type Pool,
  type QuotedInstrument,
  type Severity,
  severityRank,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  accountInUsd,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const option = { underlying: "BTC", strike: 50_000, optionType: "put" } as const;
const instruments = [
  quotedPerpetual({ instrumentId: "BTC-P", underlying: "BTC" }, 50_000),
  quotedPerpetual({ instrumentId: "ETH-P", underlying: "ETH" }, 2_000),
];
const market = marketSnapshot([underlyingState("BTC", 50_000), underlyingState("ETH", 2_000)], instruments);

const gone = (quoted: LapsedInstrument["quoted"], indexPrice = 50_000): MarketSnapshot => ({
  ...market,
  lapsed: [{ quoted, indexPrice, markedAtMs: asOfMs - 60_000 }],
});

const blockedEth: MarketSnapshot = {
  ...market,
  currencies: market.currencies.filter(({ currency }) => currency !== "ETH"),
  underlyings: market.underlyings.map((state) =>
    state.underlying === "ETH" ? { ...state, quality: "blocked" } : state,
  ),
};

function margined(held: Pool, snapshot: MarketSnapshot): MarginedPool {
  const result = createMarginEngine(snapshot, defaultParameters).margin(held);
  if (result.status !== "margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

const assessed = (severity: Severity, result: MarginedPool) =>
  assessResult({ severity, cleanSweeps: 0 }, result, defaultParameters.severity, "good");

describe("what is set aside", () => {
  const perpetual = instruments[0]!;
  const lapsed = { ...perpetual, instrument: { ...perpetual.instrument, instrumentId: "GONE" } };

  it("counts a future at the worse of its last mark and the mark moved with the index, less the scan range", () => {
    // The index has fallen from 60,000 to 50,000 since; the mark was 60,600.
    const snapshot = gone({ ...lapsed, markPrice: 60_600 }, 60_000);
    const long = margined(accountInUsd(100_000, ["GONE", 1, 60_000], ["BTC-P", 0.1, 50_000]), snapshot);
    expect(long.incomplete?.[0]?.worth).toBeCloseTo(50_500 * 0.9 - 60_000, 6);
    const short = margined(accountInUsd(100_000, ["GONE", -1, 60_000], ["BTC-P", 0.1, 50_000]), snapshot);
    expect(short.incomplete?.[0]?.worth).toBeCloseTo(60_000 - 60_600 * 1.1, 6);
    // The index is known, and its old mark with it no more.
    expect(long.proven?.equity).toBeCloseTo(100_000 + 50_500 * 1.1 - 60_000, 6);
    expect(long.components.find(({ name }) => name === "unpriced_holding")?.amount).toBeCloseTo(0.2 * 60_600, 6);
  });

  it("counts no gain of it", () => {
    const result = margined(accountInUsd(1_000, ["GONE", 1, 10_000], ["BTC-P", 0.001, 50_000]), gone(lapsed));
    expect(result.equity).toBeCloseTo(1_000, 9);
    expect(result.proven?.equity).toBeCloseTo(1_000 + 55_000 - 10_000, 9);
  });

  it("takes an option bought for nothing and one sold at its last mark raised, with fills of both netted", () => {
    const put = quotedOption({ instrumentId: "GONE", ...option, expiryMs: expiryInDays(30) }, 50_000, 0.6);
    const held = (quantity: number) => accountInUsd(10_000, ["GONE", quantity, 1], ["BTC-P", 0.1, 50_000]);
    expect(margined(held(2), gone(put)).incomplete).toMatchObject([{ assumed: "counts_for_nothing", worth: 0 }]);
    expect(margined(held(-2), gone(put)).incomplete?.[0]?.worth).toBeCloseTo(-2 * put.markPrice * 1.1, 6);
    const both = accountInUsd(10_000, ["GONE", 2, 1], ["GONE", -2, 1], ["BTC-P", 0.1, 50_000]);
    expect(margined(both, gone(put)).incomplete).toMatchObject([{ field: "positions[0].instrument_id", worth: 0 }]);
  });

  it("counts an expired option sold at its payoff where that is worse than its last mark", () => {
    const put = quotedOption({ instrumentId: "GONE", ...option, strike: 60_000, expiryMs: asOfMs - 1 }, 50_000, 0.6);
    const held = accountInUsd(100_000, ["GONE", -1, 1], ["BTC-P", 0.1, 50_000]);
    const result = margined(held, gone({ ...put, markPrice: 9_000 }));
    expect(result.incomplete).toMatchObject([{ code: "instrument_expired", assumed: "last_good_mark_widened" }]);
    expect(result.incomplete?.[0]?.worth).toBeCloseTo(-11_000, 6);
  });

  it("says what it knows nothing of, and is refused when no position is left and nothing is proven", () => {
    const mixed = accountInUsd(10_000, ["BTC-P", 1, 50_000], ["NEVER", -5, 1]);
    expect(margined(mixed, market).incomplete).toMatchObject([
      { assumed: "nothing_known", value: "NEVER", price: null },
    ]);
    const engine = createMarginEngine(market, defaultParameters);
    expect(engine.margin(accountInUsd(10_000, ["NEVER", -5, 1]))).toMatchObject({
      status: "not_margined",
      field: "positions[0].instrument_id",
    });
    expect(engine.callPrices(mixed).some(({ price }) => price !== null)).toBe(true);
    // Five contracts that nothing is known of may be worth more than is owed; a millionth of one may not.
    expect(engine.margin(accountInUsd(-10_000, ["NEVER", -5, 1]))).toMatchObject({ status: "not_margined" });
    const owing = margined(accountInUsd(-10_000, ["NEVER", -1e-6, 1]), market);
    expect(assessed("NORMAL", owing)).toMatchObject({ severity: "BANKRUPT", reason: "escalated" });
  });
});

describe("an explanation of an account that is not margined in full", () => {
  const held = {
    ...accountInUsd(2_000, ["BTC-P", 1, 50_000], ["ETH-I", 5_000, 0], ["NEVER", 1, 1]),
    collateral: [
      { asset: "USD", amount: 2_000 },
      { asset: "DOGE", amount: 3 },
    ],
  };
  const inverse = quotedPerpetual({ instrumentId: "ETH-I", underlying: "ETH", settlement: "inverse" }, 2_000);
  const snapshot = { ...market, instruments: [...instruments, inverse].sort(byId) };
  const engine = createMarginEngine(snapshot, defaultParameters);

  it("has figures of every holding, and closes nothing that cannot be closed at its mark", () => {
    const { holdings } = contributionsOf(engine, snapshot, held, margined(held, snapshot));
    expect(holdings.map(({ id }) => id).sort()).toEqual(["BTC-P", "DOGE", "ETH-I", "NEVER", "USD"]);
    for (const { id, initialMargin, maintenanceMargin } of holdings) {
      expect(Number.isFinite(initialMargin + maintenanceMargin)).toBe(true);
      if (id === "NEVER" || id === "DOGE") expect(initialMargin).toBe(0);
    }
    expect(holdings.find(({ id }) => id === "ETH-I")?.initialMargin).toBeGreaterThan(0);
    const curesOf = (account: Pool) =>
      findCures(engine, snapshot, defaultParameters, account, "NORMAL").map((cure) =>
        cure.kind === "reduction" ? cure.instrumentId : cure.asset,
      );
    expect(curesOf(held)).toEqual(["USD", "BTC-P"]);
    // What closing it would pay is not known, so that it is no cure.
    const heavy = held.positions.map((position) =>
      position.instrumentId === "ETH-I" ? { ...position, quantity: 50_000 } : position,
    );
    expect(curesOf({ ...held, positions: heavy.slice(1) })).toEqual(["USD"]);
  });
});

function byId({ instrument: a }: LapsedInstrument["quoted"], { instrument: b }: LapsedInstrument["quoted"]): number {
  return a.instrumentId < b.instrumentId ? -1 : 1;
}

describe("the severity of a result that is not in full", () => {
  it("rises to WARNING by what is only feared, and further by what is proven (I5)", () => {
    const perpetual = instruments[0]!;
    const lapsed = { ...perpetual, instrument: { ...perpetual.instrument, instrumentId: "GONE" } };
    const feared = margined(accountInUsd(9_000, ["GONE", 1, 50_000], ["BTC-P", 0.01, 50_000]), gone(lapsed));
    expect(feared.equity).toBeGreaterThan(0);
    expect(feared.marginHeadroom).toBeLessThan(0);
    expect(assessed("NORMAL", feared).severity).toBe("WARNING");
    expect(assessed("WARNING", feared)).toMatchObject({ severity: "WARNING", cleanSweeps: 0 });
    const proven = margined(accountInUsd(9_000, ["GONE", 1, 70_000], ["BTC-P", 0.01, 50_000]), gone(lapsed));
    expect(assessed("NORMAL", proven).severity).toBe("BANKRUPT");
  });

  it("does not warn for a blocked price, and rises by the good part in spite of it", () => {
    const calm = margined(accountInUsd(20_000, ["BTC-P", 1, 50_000], ["ETH-P", 40, 2_000]), blockedEth);
    expect(calm.marginHeadroom).toBeLessThan(0);
    expect(calm.incomplete).toMatchObject([{ code: "prices_blocked" }]);
    expect(assessed("NORMAL", calm)).toMatchObject({ severity: "NORMAL", reason: "incomplete" });
    const called = margined(accountInUsd(20_000, ["BTC-P", 1, 69_000], ["ETH-P", 0.1, 2_000]), blockedEth);
    expect(assessed("NORMAL", called).severity).toBe("LIQUIDATION");
    expect(
      createMarginEngine(blockedEth, defaultParameters).margin(accountInUsd(20_000, ["ETH-P", 8, 2_000])),
    ).toMatchObject({
      status: "not_margined",
      code: "prices_blocked",
    });
  });

  it("is not bankrupt for collateral without a price, whose worth is not known", () => {
    const short = ["BTC-P", -1, 50_000] as [string, number, number];
    for (const asset of ["SDAI", "WSTETH", "ETH"]) {
      const held = {
        ...accountInUsd(-500, short),
        collateral: [
          { asset: "USD", amount: -500 },
          { asset, amount: 30 },
        ],
      };
      const result = margined(held, { ...blockedEth, tokens: [] });
      expect(result.incomplete?.length, asset).toBe(1);
      expect(result.equity, asset).toBe(-500);
      expect(severityRank(assessed("NORMAL", result).severity), asset).toBeLessThanOrEqual(1);
    }
  });

  it("is not called for what is left of a hedge while its other leg has no mark", () => {
    const expiryMs = expiryInDays(30);
    const legs = [50_000, 60_000].map((strike) =>
      quotedOption(
        { instrumentId: `C-${strike}`, underlying: "BTC", optionType: "call", strike, expiryMs },
        50_000,
        0.6,
      ),
    );
    const [long, short] = legs as [QuotedInstrument, QuotedInstrument];
    const whole = { ...market, instruments: [...instruments, ...legs].sort(byId) };
    const oneLeft = { ...market, instruments: [...instruments, short].sort(byId) };
    const positions = accountInUsd(5_000, ["C-50000", 10, 1], ["C-60000", -10, 1], ["ETH-P", 0.01, 2_000]);
    for (const methodId of ["portfolio", "var", "static", "span", "tims"] as const) {
      const spread = { ...positions, methodId };
      expect(assessed("NORMAL", margined(spread, whole)).severity, methodId).toBe("NORMAL");
      for (const snapshot of [
        oneLeft,
        { ...oneLeft, lapsed: [{ quoted: long, indexPrice: 50_000, markedAtMs: asOfMs - 60_000 }] },
      ]) {
        expect(severityRank(assessed("NORMAL", margined(spread, snapshot)).severity), methodId).toBeLessThanOrEqual(1);
      }
    }
  });

  it("is bankrupt when a sold option without a mark surely is, by the index that is known", () => {
    const call = quotedOption({ instrumentId: "GONE", ...option, expiryMs: expiryInDays(30) }, 50_000, 0.6);
    const sold = accountInUsd(40_000, ["GONE", -1, 1], ["BTC-P", 0.001, 50_000]);
    const risen = moveUnderlying(market, "BTC", 4);
    const lost = { ...risen, lapsed: [{ quoted: call, indexPrice: 50_000, markedAtMs: asOfMs - 60_000 }] };
    const isCall = call.instrument.kind === "option" && call.instrument.optionType === "call";
    const fallen = { ...moveUnderlying(market, "BTC", 0.01), lapsed: lost.lapsed };
    expect(assessed("NORMAL", margined(sold, isCall ? lost : fallen)).severity).toBe("BANKRUPT");
  });

  it("warns though dust of a coin whose price is refused is held beside what is feared", () => {
    const call = quotedOption({ instrumentId: "GONE", ...option, expiryMs: expiryInDays(30) }, 50_000, 0.6);
    const lost = { ...blockedEth, lapsed: [{ quoted: call, indexPrice: 50_000, markedAtMs: asOfMs - 60_000 }] };
    const sold = accountInUsd(5_000, ["GONE", -1, 1], ["BTC-P", 0.001, 50_000]);
    const dust = { ...sold, collateral: [...sold.collateral, { asset: "ETH", amount: 1e-10 }] };
    for (const held of [sold, dust]) expect(assessed("NORMAL", margined(held, lost)).severity).toBe("WARNING");
  });

  it("is not that of a coin collateral without a price, which may be worth what it was", () => {
    const held = { ...accountInUsd(1_000, ["BTC-P", 1, 50_000]), collateral: [{ asset: "ETH", amount: 20 }] };
    const result = margined(held, { ...blockedEth, underlyings: market.underlyings.map((state) => ({ ...state })) });
    expect(result.equity).toBe(0);
    expect(assessed("NORMAL", result).severity).toBe("WARNING");
  });

  it("never falls, but where an asset counts for nothing by the rules", () => {
    const doge = {
      ...accountInUsd(1_000_000),
      collateral: [
        { asset: "USD", amount: 1_000_000 },
        { asset: "DOGE", amount: 5 },
      ],
    };
    expect(assessed("LIQUIDATION", margined(doge, market))).toMatchObject({ reason: "awaiting_clean_sweeps" });
    const owed = {
      ...doge,
      collateral: [
        { asset: "USD", amount: 1_000_000 },
        { asset: "DOGE", amount: -5 },
      ],
    };
    const state = assessed(
      "LIQUIDATION",
      margined({ ...owed, positions: [{ instrumentId: "BTC-P", quantity: 1, entryPrice: 50_000 }] }, market),
    );
    expect(state).toEqual({ severity: "LIQUIDATION", cleanSweeps: 0, reason: "incomplete" });
  });
});
