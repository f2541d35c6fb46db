import { createMarginEngine, defaultParameters, type MethodId, methodIds, type QuotedInstrument } from "@plimsoll/risk";
import { decodeParameters, encodeParameters } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { supported } from "../support/books.ts";
import {
  accountWith,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const index = 70_000;
const minute = 60_000;

/** A contract of a kind that the method margins, this many minutes before its expiry. */
function expiring(methodId: MethodId, minutes: number): QuotedInstrument {
  const terms = { underlying: "BTC", expiryMs: asOfMs + minutes * minute, settlementWindowMinutes: 30 } as const;
  return methodId === "account_ratio"
    ? quotedFuture({ instrumentId: "EXPIRING", ...terms }, index)
    : quotedOption({ instrumentId: "EXPIRING", optionType: "call", strike: index, ...terms }, index, 0.6);
}

describe.each(methodIds)("under %s", (methodId) => {
  const account = accountWith({
    methodId,
    positions: [{ instrumentId: "EXPIRING", quantity: -1, entryPrice: index }],
  });
  const marginAt = (minutes: number, averagePrice: number | null) => {
    const quoted = expiring(methodId, minutes);
    const market = marketSnapshot([underlyingState("BTC", index)], [quoted]);
    const averages =
      averagePrice === null ? [] : [{ underlying: "BTC", expiryMs: asOfMs + minutes * minute, averagePrice }];
    return createMarginEngine({ ...market, settlementAverages: averages }, defaultParameters).margin(account);
  };

  it("a position at or past its expiry counts at its last mark, by name, whatever its average", () => {
    for (const minutes of [0, -1, -31, -10_000]) {
      for (const averagePrice of [null, index]) {
        const result = marginAt(minutes, averagePrice);
        if (result.status !== "margined") throw new Error(result.value);
        expect(result.incomplete).toMatchObject([
          {
            code: "instrument_expired",
            field: "positions[0].instrument_id",
            value: "EXPIRING",
            remedy: "settle the position, or use a snapshot from before its expiry",
            assumed: "last_good_mark_widened",
          },
        ]);
        expect(result.initialMargin).toBeGreaterThan(0);
      }
    }
  });

  it("one inside its settlement window needs the average so far, and is margined with it", () => {
    const without = marginAt(12, null);
    const inside = marginAt(12, index);
    if (without.status !== "margined" || inside.status !== "margined") throw new Error("not margined");
    expect(without.incomplete).toMatchObject([
      {
        code: "settlement_average_missing",
        field: "positions[0].instrument_id",
        value: "EXPIRING",
        remedy: "add the average so far of its expiry to the snapshot's settlement averages",
        assumed: "last_good_mark_widened",
      },
    ]);
    expect(inside.incomplete).toBeUndefined();
    expect(inside.initialMargin).toBeGreaterThan(0);
    const before = marginAt(31, null);
    if (before.status !== "margined") throw new Error("not margined");
    expect(before.incomplete).toBeUndefined();
  });

  it("what it does not margin is refused with a reason and another way, never asked nothing", () => {
    const soon = { underlying: "BTC", expiryMs: expiryInDays(30) } as const;
    const instruments = [
      quotedOption({ instrumentId: "OPTION", optionType: "put", strike: 60_000, ...soon }, index, 0.6),
      quotedFuture({ instrumentId: "FUTURE-27MAR26", ...soon }, index),
      quotedPerpetual({ instrumentId: "PERPETUAL", underlying: "BTC" }, index),
    ];
    const engine = createMarginEngine(marketSnapshot([underlyingState("BTC", index)], instruments), defaultParameters);
    for (const { instrument } of instruments) {
      const held = accountWith({
        methodId,
        positions: [{ instrumentId: instrument.instrumentId, quantity: -1, entryPrice: index }],
      });
      const result = engine.margin(held);
      if (supported(held).positions.length === 1) {
        expect(result).toMatchObject({ status: "margined" });
        if (result.status === "margined") expect(result.initialMargin).toBeGreaterThan(0);
        continue;
      }
      expect(result).toMatchObject({
        status: "not_margined",
        code: "unsupported_instrument",
        field: "positions[0].instrument_id",
        remedy: `margin the account by another method than ${methodId}, for example portfolio`,
      });
      if (result.status === "not_margined") expect(result.value).toMatch(/^\S+: [\w' ,]{20}/);
    }
  });
});

describe("a price whose confidence is nothing or unknown", () => {
  const market = marketSnapshot(
    [underlyingState("BTC", index)],
    [quotedPerpetual({ instrumentId: "PERPETUAL", underlying: "BTC" }, index)],
  );
  const [state] = market.underlyings;
  const marginWith = (change: Partial<NonNullable<typeof state>>) =>
    createMarginEngine(
      { ...market, underlyings: market.underlyings.map((own) => ({ ...own, ...change })) },
      defaultParameters,
    ).margin(accountWith({ positions: [{ instrumentId: "PERPETUAL", quantity: 1, entryPrice: index }] }));

  it("is charged by its width, which may be nothing, and refused when the width is no number", () => {
    const good = marginWith({});
    const exact = marginWith({ quality: "widened", confidenceWidth: 0 });
    if (good.status !== "margined" || exact.status !== "margined") throw new Error("not margined");
    expect(exact.initialMargin).toBe(good.initialMargin);
    for (const confidenceWidth of [Number.NaN, -0.1]) {
      expect(marginWith({ quality: "widened", confidenceWidth })).toMatchObject({ status: "not_margined" });
    }
  });

  it("is not used at all when it is blocked", () => {
    expect(marginWith({ quality: "blocked" })).toMatchObject({
      code: "prices_blocked",
      field: "positions[0].instrument_id",
      value: "BTC",
      remedy: "wait for usable prices; the last good result stands until then",
    });
  });
});

describe("tables that refer to nothing held or quoted", () => {
  it("groups and spreads of underlyings that the market does not have change nothing", () => {
    const wire = encodeParameters(defaultParameters);
    const named = decodeParameters({
      ...wire,
      methods: {
        ...wire.methods,
        tims: { ...wire.methods.tims, product_groups: [{ name: "gone", underlyings: ["XMR", "BTC"], offset: 0.5 }] },
        portfolio: {
          ...wire.methods.portfolio,
          offsets: [{ name: "gone", underlyings: ["XMR", "SOL"], gain_share: 1, decorrelation: 0 }],
        },
      },
    });
    const market = marketSnapshot(
      [underlyingState("BTC", index)],
      [quotedPerpetual({ instrumentId: "PERPETUAL", underlying: "BTC" }, index)],
    );
    for (const methodId of ["tims", "portfolio", "span"] as const) {
      const account = accountWith({
        methodId,
        positions: [{ instrumentId: "PERPETUAL", quantity: 1, entryPrice: index }],
      });
      const [before, after] = [defaultParameters, named].map((set) => createMarginEngine(market, set).margin(account));
      if (before?.status !== "margined" || after?.status !== "margined") throw new Error("not margined");
      expect([after.initialMargin, after.maintenanceMargin]).toEqual([before.initialMargin, before.maintenanceMargin]);
    }
  });
});
