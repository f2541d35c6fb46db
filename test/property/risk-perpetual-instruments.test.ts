import {
  createMarginEngine,
  curvedPerpetualMark,
  defaultParameters,
  type MarginedPool,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  moveUnderlying,
  type PerpetualOptionInstrument,
  type Pool,
  type PowerPerpetualInstrument,
  type QuotedInstrument,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

const settings = { seed: 20260205, numRuns: 60 } as const;
const index = 70_000;
const volatility = 0.7;
const base = { underlying: "BTC", quoteCurrency: "USD", contractSize: 1 } as const;

function listed(instrument: PerpetualOptionInstrument | PowerPerpetualInstrument): QuotedInstrument {
  const markPrice = curvedPerpetualMark(instrument, index, volatility);
  return { instrument, forwardPrice: index, markPrice, markVolatility: volatility, volatilitySource: "mark" };
}

function option(
  optionType: "call" | "put",
  strike: number,
  terms: Partial<PerpetualOptionInstrument> = {},
): QuotedInstrument {
  const instrumentId = `${optionType}-${strike}-${terms.settlement ?? "linear"}-${terms.fundingStyle ?? "continuous"}`;
  const style = { settlement: "linear", fundingStyle: "continuous", fundingPeriodDays: 5 } as const;
  return listed({ kind: "perpetual_option", ...base, ...style, instrumentId, optionType, strike, ...terms });
}

function power(exponent: number, terms: Partial<PowerPerpetualInstrument> = {}): QuotedInstrument {
  const instrumentId = `power-${exponent}-${terms.settlement ?? "linear"}`;
  const style = { settlement: "linear", fundingPeriodDays: 1 } as const;
  return listed({ kind: "power_perpetual", ...base, ...style, instrumentId, power: exponent, ...terms });
}

const perpetual = quotedPerpetual({ instrumentId: "PERPETUAL", underlying: "BTC" }, index);
const settlements = ["linear", "inverse"] as const;
const styles = ["continuous", "discrete"] as const;

const instruments = [
  perpetual,
  ...settlements.flatMap((settlement) => [
    ...styles.flatMap((fundingStyle) =>
      [60_000, 70_000, 75_000].flatMap((strike) =>
        (["call", "put"] as const).map((side) => option(side, strike, { settlement, fundingStyle })),
      ),
    ),
    power(2, { settlement, contractSize: 0.0001 }),
    power(1, { settlement }),
    power(0.5, { settlement, contractSize: 100 }),
  ]),
];
const snapshot = marketSnapshot([underlyingState("BTC", index)], instruments);
const engine = createMarginEngine(snapshot, defaultParameters);
const curved = snapshot.instruments.filter(({ instrument }) => instrument.kind !== "perpetual");

function holding(instrumentId: string, quantity: number, terms: Partial<Pool> = {}): Pool {
  const { markPrice } = quotedOf(instrumentId);
  return accountWith({ ...terms, positions: [{ instrumentId, quantity, entryPrice: markPrice }] });
}

function quotedOf(instrumentId: string): QuotedInstrument {
  const quoted = snapshot.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId);
  if (quoted === undefined) throw new Error(`no ${instrumentId}`);
  return quoted;
}

function marginOf(account: Pool, market: MarketSnapshot = snapshot): MarginedPool {
  const result = (market === snapshot ? engine : createMarginEngine(market, defaultParameters)).margin(account);
  if (result.status !== "margined") throw new Error(`${result.code}: ${result.field} ${result.value}`);
  return result;
}

/** The settlement currency of a contract as a pool, so that no balance moves beside it. */
function poolOf({ instrument }: QuotedInstrument) {
  return { poolCurrency: instrument.settlement === "inverse" ? "BTC" : "USD" };
}

function lossesOf(instrumentId: string, quantity: number) {
  const [unit] = engine.scenarioLosses(holding(instrumentId, quantity, poolOf(quotedOf(instrumentId))));
  if (unit === undefined) throw new Error("one unit");
  return unit;
}

describe("risk arrays of perpetual options and power perpetuals", () => {
  it("are the change of the model's value on the main grid", () => {
    for (const { instrument } of curved) {
      if (instrument.kind !== "perpetual_option" && instrument.kind !== "power_perpetual") continue;
      const { set, losses } = lossesOf(instrument.instrumentId, 1);
      const now = curvedPerpetualMark(instrument, index, volatility);
      for (let s = 0; s < set.mainCount; s += 1) {
        if (set.volatilityState[s] !== 0) continue;
        const moved = curvedPerpetualMark(instrument, index * (set.priceMultiplier[s] ?? 0), volatility);
        const expected = instrument.contractSize * (now - moved);
        assertClose(losses[s] ?? Number.NaN, expected, 1e-9 * (instrument.contractSize * now + 1e-6), {
          instrument,
          s,
        });
      }
    }
  });

  it("of both sides are exact negatives, and rescale exactly with the size", () => {
    for (const { instrument } of curved) {
      const one = lossesOf(instrument.instrumentId, 1);
      const short = lossesOf(instrument.instrumentId, -1);
      const four = lossesOf(instrument.instrumentId, 4);
      for (let s = 0; s < one.set.mainCount; s += 1) {
        expect(short.losses[s]).toBe(0 - (one.losses[s] ?? 0));
        expect(four.losses[s]).toBe(4 * (one.losses[s] ?? 0));
      }
      expect(Math.abs(one.losses[one.set.noMoveIndex] ?? 1)).toBe(0);
    }
  });

  it("keep parity: a call bought and a put sold lose what the perpetual loses", () => {
    for (const style of styles) {
      for (const strike of [60_000, 70_000, 75_000]) {
        const call = lossesOf(`call-${strike}-linear-${style}`, 1);
        const put = lossesOf(`put-${strike}-linear-${style}`, -1);
        const future = lossesOf("PERPETUAL", 1);
        for (let s = 0; s < call.set.mainCount; s += 1) {
          const both = (call.losses[s] ?? 0) + (put.losses[s] ?? 0);
          assertClose(both, future.losses[s] ?? Number.NaN, 1e-9 * index, { style, strike, s });
        }
      }
    }
  });

  it("of power 1 are those of the perpetual, and nothing in coin", () => {
    const plain = lossesOf("PERPETUAL", 1);
    const linear = lossesOf("power-1-linear", 1);
    const inverse = lossesOf("power-1-inverse", 1);
    for (let s = 0; s < plain.set.mainCount; s += 1) {
      assertClose(linear.losses[s] ?? Number.NaN, plain.losses[s] ?? Number.NaN, 1e-10 * index, { s });
      assertClose(inverse.losses[s] ?? Number.NaN, 0, 1e-14, { s });
    }
  });
});

describe("accounts that hold them", () => {
  const held = fc.record({
    instrumentId: fc.constantFrom(...curved.map(({ instrument }) => instrument.instrumentId)),
    lots: fc.integer({ min: -20, max: 20 }).filter((lots) => lots !== 0),
  });
  const accounts = fc.array(held, { minLength: 1, maxLength: 6 }).map((positions) =>
    accountWith({
      positions: positions.map(({ instrumentId, lots }) => {
        const { markPrice } = quotedOf(instrumentId);
        return { instrumentId, quantity: lots / 10, entryPrice: markPrice };
      }),
    }),
  );

  it("have the delta, gamma and vega of their value", () => {
    const step = 1e-4;
    for (const { instrument } of curved) {
      if (instrument.kind !== "perpetual_option" && instrument.kind !== "power_perpetual") continue;
      // At the strike the gamma of continuous funding jumps.
      if ("strike" in instrument && instrument.strike === index) continue;
      const { delta, gamma, vega } = marginOf(holding(instrument.instrumentId, 1)).units[0]?.greeks ?? {
        delta: 0,
        gamma: 0,
        vega: 0,
      };
      const usd = (multiplier: number, moved = volatility) => {
        const value = instrument.contractSize * curvedPerpetualMark(instrument, index * multiplier, moved);
        return value * (instrument.settlement === "inverse" ? index * multiplier : 1);
      };
      const slope = (usd(1 + step) - usd(1 - step)) / (2 * step * index);
      const curvature = (usd(1 + step) - 2 * usd(1) + usd(1 - step)) / (step * index) ** 2;
      assertClose(delta, slope, 1e-6, { instrument });
      assertClose(gamma, curvature, 1e-9 + 1e-3 * Math.abs(gamma), { instrument });
      assertClose(
        vega,
        (usd(1, volatility + step) - usd(1, volatility - step)) / (2 * step) / 100,
        1e-9 + 1e-4 * Math.abs(vega),
        {},
      );
    }
  });

  it("gain and lose what the mark does, which needs no cash when a position is opened", () => {
    for (const { instrument, markPrice } of curved) {
      const collateral = [{ asset: "USD", amount: 1_000_000 }];
      const flat = marginOf(holding(instrument.instrumentId, 2, { collateral }));
      assertClose(flat.equity, 1_000_000, 1e-6, { instrument });
      expect(flat.netOptionValue).toBe(0);
      const moved = moveUnderlying(snapshot, "BTC", 1.1);
      const mark = moved.instruments.find((other) => other.instrument === instrument)?.markPrice ?? Number.NaN;
      const rate = instrument.settlement === "inverse" ? 1.1 * index : 1;
      const gain = 2 * instrument.contractSize * (mark - markPrice) * rate;
      const { equity } = marginOf(holding(instrument.instrumentId, 2, { collateral }), moved);
      assertClose(equity, 1_000_000 + gain, 1e-9 * (1_000_000 + Math.abs(gain)), { instrument });
    }
  });

  it("need no more margin for being split or reordered, and as much more as they are larger", () => {
    fc.assert(
      fc.property(accounts, fc.constantFrom<MethodId>("portfolio", "static"), (account, methodId) => {
        const whole = marginOf({ ...account, methodId });
        const split = account.positions.flatMap((position) => [
          { ...position, quantity: Number((position.quantity / 2).toFixed(2)) },
          { ...position, quantity: Number((position.quantity / 2).toFixed(2)) },
        ]);
        const shuffled = marginOf({ ...account, methodId, positions: split.toReversed() });
        expect(shuffled.initialMargin).toBe(whole.initialMargin);
        expect(shuffled.maintenanceMargin).toBe(whole.maintenanceMargin);
        expect(whole.initialMargin).toBeGreaterThanOrEqual(whole.maintenanceMargin);
      }),
      settings,
    );
  });

  it("are refused by name under every method that has no rule for them", () => {
    const known: readonly MethodId[] = ["portfolio", "static", "var"];
    for (const methodId of methodIds) {
      for (const [instrumentId, kind] of [
        ["call-75000-linear-continuous", "perpetual option"],
        ["power-2-linear", "power perpetual"],
      ] as const) {
        const result = engine.margin(holding(instrumentId, -1, { methodId }));
        if (known.includes(methodId)) {
          expect(result).toMatchObject({ status: "margined" });
          if (result.status === "margined") expect(result.initialMargin).toBeGreaterThan(0);
        } else {
          expect(result).toMatchObject({
            code: "unsupported_instrument",
            value: `${instrumentId}: ${methodId} has no rule for a ${kind}`,
          });
        }
      }
    }
  });

  it("have call prices at which the severity starts, and none just before", () => {
    for (const instrumentId of ["call-75000-linear-continuous", "power-2-linear", "put-60000-linear-discrete"]) {
      const { instrument } = quotedOf(instrumentId);
      const size = instrument.kind === "power_perpetual" ? -2 : -10;
      const account = holding(instrumentId, size, { collateral: [{ asset: "USD", amount: 300_000 }] });
      const prices = engine
        .callPrices(account)
        .filter(({ severity, price }) => severity === "LIQUIDATION" && price !== null);
      expect(prices).not.toEqual([]);
      for (const { price, direction } of prices) {
        const ratioAt = (multiple: number) =>
          marginOf(account, moveUnderlying(snapshot, "BTC", (multiple * (price ?? 0)) / index)).marginRatio;
        const outward = direction === "up" ? 1e-6 : -1e-6;
        expect(ratioAt(1)).toBeGreaterThanOrEqual(1);
        expect(ratioAt(1 - outward)).toBeLessThan(1);
      }
    }
  });

  it("are set aside when no value can be given: no volatility, terms that blow up", () => {
    const reasonOf = (quoted: QuotedInstrument) => {
      const { instrumentId } = quoted.instrument;
      const positions = [{ instrumentId, quantity: 1, entryPrice: 1 }];
      const collateral = [{ asset: "USD", amount: 1_000_000 }];
      const snapshot = marketSnapshot([underlyingState("BTC", index)], [quoted]);
      const result = createMarginEngine(snapshot, defaultParameters).margin(accountWith({ positions, collateral }));
      return result.status === "margined" ? result.incomplete?.[0] : result;
    };
    expect(reasonOf({ ...option("call", 70_000), markVolatility: null })).toMatchObject({
      code: "volatility_missing",
      assumed: "last_good_mark_widened",
    });
    const blowing = { ...power(2).instrument, power: 4 } as PowerPerpetualInstrument;
    expect(reasonOf({ ...power(2), instrument: blowing })).toMatchObject({
      code: "unsupported_instrument",
      value: "power-2-linear: power 4: above 0 and at most 3",
    });
    const long = { ...power(2).instrument, fundingPeriodDays: 365 } as PowerPerpetualInstrument;
    expect(reasonOf({ ...power(2), instrument: long })).toMatchObject({ code: "unsupported_instrument" });
  });
});
