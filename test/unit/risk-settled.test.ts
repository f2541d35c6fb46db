import {
  attributeChange,
  createMarginEngine,
  defaultParameters,
  type LapsedInstrument,
  type MarginedPool,
  type MarketSnapshot,
  methodIds,
  type Pool,
  type QuotedInstrument,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  accountInUsd,
  accountWith,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const expiryMs = asOfMs - 60_000;
const terms = { underlying: "BTC", expiryMs } as const;
const inverse = { settlement: "inverse" } as const;
const option = { ...terms, strike: 50_000 } as const;
const settlementPrice = 48_000;

const expired: QuotedInstrument[] = [
  quotedFuture({ instrumentId: "FUT", ...terms }, 49_000),
  quotedFuture({ instrumentId: "INV-FUT", ...terms, ...inverse, contractSize: 10 }, 49_000),
  quotedOption({ instrumentId: "PUT", ...option, optionType: "put" }, 49_000, 0.6),
  quotedOption({ instrumentId: "CALL", ...option, optionType: "call" }, 49_000, 0.6),
  quotedOption({ instrumentId: "INV-PUT", ...option, ...inverse, optionType: "put" }, 49_000, 0.6),
].map((quoted) => ({ ...quoted, markPrice: Math.max(quoted.markPrice, 0.01) || 0.01 }));

const live = marketSnapshot(
  [underlyingState("BTC", 50_000)],
  [quotedPerpetual({ instrumentId: "BTC-P", underlying: "BTC" }, 50_000)],
);

const lapsedOf = (quoted: QuotedInstrument, price: number | null = settlementPrice): LapsedInstrument => ({
  quoted,
  indexPrice: 49_000,
  markedAtMs: asOfMs - 90_000,
  ...(price !== null && { settlementPrice: price }),
});

const settled: MarketSnapshot = { ...live, lapsed: expired.map((quoted) => lapsedOf(quoted)) };
const unknown: MarketSnapshot = { ...live, lapsed: expired.map((quoted) => lapsedOf(quoted, null)) };

function margined(held: Pool, snapshot: MarketSnapshot): MarginedPool {
  const result = createMarginEngine(snapshot, defaultParameters).margin(held);
  if (result.status !== "margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

/** The figures of a result, without what is said about them. */
function figuresOf({ notes: _, ...figures }: MarginedPool) {
  return figures;
}

const perpetual: [string, number, number] = ["BTC-P", 0.5, 50_000];

describe("a position that has expired at a known price", () => {
  it.each([
    ["a future bought", ["FUT", 2, 47_000], "USD", 2_000],
    ["a future sold", ["FUT", -2, 47_000], "USD", -2_000],
    // 8,000 contracts of 10 USD: 80,000 (1/50,000 - 1/48,000).
    ["an inverse future bought", ["INV-FUT", 8_000, 50_000], "BTC", (80_000 * -2_000) / 50_000 / 48_000],
    ["a put sold", ["PUT", -3, 900], "USD", -6_000],
    ["a call sold", ["CALL", -3, 900], "USD", 0],
    ["an inverse put bought", ["INV-PUT", 3, 0.02], "BTC", (3 * 2_000) / 48_000],
  ] as const)("counts %s as what it pays, and as no risk (seen to fail: at its worst)", (_, position, asset, pays) => {
    const cash = { asset, amount: asset === "USD" ? 20_000 + pays : pays };
    const others = asset === "USD" ? [] : [{ asset: "USD", amount: 20_000 }];
    const after = accountWith({
      collateral: [...others, cash].filter(({ amount }) => amount !== 0),
      positions: [{ instrumentId: "BTC-P", quantity: 0.5, entryPrice: 50_000 }],
    });
    for (const methodId of methodIds) {
      const before = { ...accountInUsd(20_000, [...position], perpetual), methodId };
      const result = margined(before, settled);
      expect(result.incomplete, methodId).toBeUndefined();
      expect(figuresOf(result), methodId).toEqual(figuresOf(margined({ ...after, methodId }, live)));
    }
  });

  it("says which positions count as settled, at what and for how much", () => {
    const { notes } = margined(accountInUsd(20_000, ["PUT", -3, 900], perpetual), settled);
    expect(notes).toEqual([
      { code: "counted_as_settled", text: "PUT has expired: -3 at 48000 pay -6000 USD until it is settled" },
    ]);
  });

  it("is all an account needs to have figures", () => {
    expect(margined(accountInUsd(20_000, ["PUT", -3, 900]), settled)).toMatchObject({
      equity: 14_000,
      initialMargin: 0,
      maintenanceMargin: 0,
    });
  });

  it("leaves the coin that it pays to move, as any coin does", () => {
    const held = { ...accountWith({ positions: [{ instrumentId: "INV-PUT", quantity: 3, entryPrice: 0.02 }] }) };
    const { equity, units } = margined(held, settled);
    expect(equity).toBeCloseTo((6_000 / 48_000) * 50_000, 6);
    expect(units).toMatchObject([{ underlying: "BTC" }]);
  });

  it("counts what is owed in a currency that is not priced at its worst, by the position that owes it", () => {
    const quoted = quotedFuture({ instrumentId: "EUR-FUT", ...terms, quoteCurrency: "EURX" }, 49_000);
    const result = margined(accountInUsd(20_000, ["EUR-FUT", -2, 47_000], perpetual), {
      ...live,
      lapsed: [lapsedOf(quoted)],
    });
    expect(result.incomplete).toMatchObject([{ field: "positions[0].instrument_id", value: "EURX" }]);
  });

  it("keeps the places of what else is at fault", () => {
    const result = margined(accountInUsd(20_000, ["PUT", -1, 900], ["NEVER", 1, 1], perpetual), settled);
    expect(result.incomplete).toMatchObject([{ field: "positions[1].instrument_id", value: "NEVER" }]);
    expect(result.equity).toBe(18_000);
  });

  it("is counted at its worst as before where the price is not known, or what it was entered at is not", () => {
    const noPrice = margined(accountInUsd(20_000, ["PUT", -1, 900], perpetual), unknown);
    expect(noPrice.incomplete).toMatchObject([{ code: "instrument_expired", assumed: "last_good_mark_widened" }]);
    const noEntry = margined(accountInUsd(20_000, ["FUT", -1, 0], perpetual), settled);
    expect(noEntry.incomplete).toMatchObject([{ code: "instrument_expired" }]);
    const index = {
      ...accountWith({}),
      positions: [{ ...accountInUsd(1, ["FUT", 1, 1]).positions[0]!, fundingIndex: 3 }],
    };
    const held = { ...index, collateral: [{ asset: "USD", amount: 20_000 }] };
    const withFunding = { ...held, positions: [...held.positions, ...accountInUsd(1, perpetual).positions] };
    expect(margined(withFunding, settled).incomplete).toMatchObject([{ code: "instrument_expired" }]);
  });

  it("is none before its expiry, whatever price there is", () => {
    const alive = quotedFuture({ instrumentId: "FUT", underlying: "BTC", expiryMs: expiryInDays(1) }, 49_000);
    const result = margined(accountInUsd(20_000, ["FUT", 1, 47_000], perpetual), {
      ...live,
      lapsed: [lapsedOf(alive)],
    });
    expect(result.incomplete).toMatchObject([{ code: "instrument_not_in_snapshot" }]);
  });

  it("has no order that could fill", () => {
    const engine = createMarginEngine(settled, defaultParameters);
    const held = accountInUsd(20_000, ["PUT", -1, 900], perpetual);
    const orders = [
      { orderId: "1", instrumentId: "BTC-P", quantity: 1, price: 50_000 },
      { orderId: "2", instrumentId: "PUT", quantity: -1, price: 900 },
    ];
    const projected = engine.projectMargin(held, orders);
    expect(projected).toMatchObject({
      status: "projected",
      worstOrderIds: ["1"],
      leftOut: [{ code: "instrument_expired", field: "open_orders[1].instrument_id", value: "PUT" }],
    });
    const without = engine.projectMargin(accountInUsd(18_000, perpetual), orders.slice(0, 1));
    expect(projected).toMatchObject({
      projectedInitialMargin: without.status === "projected" ? without.projectedInitialMargin : null,
    });
  });

  it("has call prices, and ages with the price of what it pays in", () => {
    const engine = createMarginEngine(settled, defaultParameters);
    const held = accountInUsd(20_000, ["PUT", -3, 900], perpetual);
    const after = accountInUsd(14_000, perpetual);
    expect(engine.callPrices(held)).toEqual(createMarginEngine(live, defaultParameters).callPrices(after));
    const old = { ...settled, underlyings: settled.underlyings.map((state) => ({ ...state, priceAgeMs: 5_000 })) };
    const coin = accountWith({ positions: [{ instrumentId: "INV-PUT", quantity: 3, entryPrice: 0.02 }] });
    expect(createMarginEngine(old, defaultParameters).oldestPriceAgeMs(coin)).toBe(5_000);
  });

  it("is told as time passed, when it was alive before (seen to fail: it was at its worst in between)", () => {
    const alive = { ...live, asOfMs: expiryMs - 60_000 };
    const put = quotedOption({ instrumentId: "PUT", ...option, optionType: "put" }, 48_000, 0.6);
    const marked = { ...put, markPrice: 2_000, forwardPrice: 48_000 };
    const before: MarketSnapshot = {
      ...alive,
      underlyings: [underlyingState("BTC", 48_000)],
      currencies: alive.currencies.map((entry) => (entry.currency === "BTC" ? { ...entry, priceUsd: 48_000 } : entry)),
      instruments: [...alive.instruments.map((quoted) => ({ ...quoted, markPrice: 48_000 })), marked],
    };
    const after: MarketSnapshot = {
      ...before,
      asOfMs,
      instruments: before.instruments.slice(0, 1),
      lapsed: [lapsedOf(marked)],
    };
    const held = accountInUsd(20_000, ["PUT", -1, 900], perpetual);
    const state = { parameters: defaultParameters, pool: held };
    const change = attributeChange({ ...state, snapshot: before }, { ...state, snapshot: after });
    const time = change?.rows.find(({ step }) => step === "time");
    expect(time?.foldedBecause).toBeNull();
    expect(time?.equity).toBeCloseTo(0, 6);
  });
});
