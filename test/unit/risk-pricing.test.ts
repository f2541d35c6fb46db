import {
  black76Greeks,
  black76IntoScenarios,
  black76Price,
  exp,
  inverseOptionGreeks,
  inverseOptionPrice,
  inversePnl,
  linearPnl,
  log,
  normalDistribution,
  pow,
  totalVolatilityOf,
  vegaPerPoint,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("black76Price at the limits", () => {
  it("is the discounted intrinsic value without time or volatility", () => {
    for (const [years, volatility] of [
      [0, 0.5],
      [-1, 0.5],
      [1, 0],
      [0, 0],
    ] as const) {
      expect(black76Price(1, 110, 100, years, volatility, 0.5)).toBe(5);
      expect(black76Price(-1, 110, 100, years, volatility, 0.5)).toBe(0);
      expect(black76Price(-1, 90, 100, years, volatility, 0.5)).toBe(5);
      expect(black76Price(1, 100, 100, years, volatility, 0.5)).toBe(0);
    }
  });

  it("reaches its bounds at extreme moneyness and volatility", () => {
    expect(black76Price(1, 1e-300, 1e300, 1, 1, 1)).toBe(0);
    expect(black76Price(-1, 1e-300, 1e300, 1, 1, 1)).toBe(1e300);
    expect(black76Price(1, 0, 100, 1, 0.5, 0.9)).toBe(0);
    expect(black76Price(-1, 0, 100, 1, 0.5, 0.9)).toBe(90);
    expect(black76Price(1, infinity, 100, 1, 0.5, 1)).toBe(infinity);
    expect(black76Price(-1, infinity, 100, 1, 0.5, 1)).toBe(0);
    expect(black76Price(1, 100, 0, 1, 0.5, 1)).toBe(100);
    expect(black76Price(1, 80, 100, 1, infinity, 1)).toBe(80);
    expect(black76Price(-1, 80, 100, 1, infinity, 1)).toBe(100);
    expect(black76Price(1, 120, 100, 1, 1e6, 0.5)).toBe(60);
    expect(black76Price(1, 100, 100, 1, 5e-324, 1)).toBe(0);
  });

  it("gives NaN for NaN in any argument, and for a negative volatility, forward or strike", () => {
    const valid = [100, 100, 0.5, 0.5, 1];
    for (let position = 0; position < valid.length; position += 1) {
      const [forward, strike, years, volatility, discount] = valid.with(position, nan);
      expect(black76Price(1, forward!, strike!, years!, volatility!, discount!)).toBeNaN();
      expect(black76Price(-1, forward!, strike!, years!, volatility!, discount!)).toBeNaN();
    }
    expect(black76Price(1, 100, 100, 0.5, -0.1, 1)).toBeNaN();
    expect(black76Price(1, -100, 100, 0.5, 0.5, 1)).toBeNaN();
    expect(black76Price(1, 100, -100, 0.5, 0.5, 1)).toBeNaN();
    expect(black76Price(1, -100, -90, 0.5, 0.5, 1)).toBeNaN();
  });

  it("keeps bad numbers inside their own scenario", () => {
    const out = new Float64Array(5);
    const multipliers = new Float64Array([1, nan, 1, 1, 0]);
    const logs = new Float64Array([0, 0, nan, 0, Number.NEGATIVE_INFINITY]);
    const total = new Float64Array([0.2, 0.2, 0.2, -0.2, 0.2]);
    black76IntoScenarios(out, 0, 5, -1, 100, 100, 1, multipliers, logs, total);
    expect(out[0]).toBe(black76Price(-1, 100, 100, 1, 0.2, 1));
    expect([out[1], out[2], out[3], out[4]]).toEqual([nan, nan, nan, 100]);
  });

  it("touches nothing outside its scenarios", () => {
    const out = new Float64Array(4).fill(7);
    const one = new Float64Array([1, 1]);
    black76IntoScenarios(out, 1, 2, 1, 100, 100, 1, one, new Float64Array(2), new Float64Array([0.1, 0.1]));
    expect([out[0], out[3]]).toEqual([7, 7]);
    expect(out[1]).toBe(out[2]);
  });

  it("refuses more scenarios than its arrays hold", () => {
    const two = new Float64Array([1, 1]);
    const run = (offset: number, count: number) =>
      black76IntoScenarios(new Float64Array(3), offset, count, 1, 100, 100, 1, two, two, two);
    expect(() => run(0, 3)).toThrow(RangeError);
    expect(() => run(2, 2)).toThrow("2 scenarios at offset 2 do not fit");
    expect(() => run(-1, 1)).toThrow(RangeError);
    expect(() => run(Number.NaN, 1)).toThrow(RangeError);
  });
});

describe("the bits of results", () => {
  it("are part of the contract: the same on every engine, and no change of the kernel goes unnoticed", () => {
    const values = [
      exp(-0.7),
      exp(123.4),
      log(2.5),
      log(1e-3),
      pow(1.7, 2.3),
      normalDistribution(-1.3),
      normalDistribution(-25),
      black76Price(1, 64000, 70000, 0.1, 0.62, 0.995),
      black76Price(-1, 3200, 900, 0.02, 1.4, 1),
    ];
    expect(values.map((value) => value.toString())).toEqual([
      "0.4965853037914095",
      "3.9078606320089135e+53",
      "0.9162907318741551",
      "-6.907755278982137",
      "3.388695291147646",
      "0.09680048458561032",
      "3.0566967063825604e-138",
      "2753.3592185902016",
      "3.7054368678065886e-9",
    ]);
  });
});

describe("black76Greeks at the limits", () => {
  it("has the sensitivities of the intrinsic value without time", () => {
    const inTheMoney = black76Greeks(-1, 90, 100, 0, 0.5, 0.5);
    expect(inTheMoney).toEqual({
      price: 5,
      delta: -0.5,
      gamma: 0,
      vega: 0,
      theta: 0,
      rho: -0,
      rhoSpotFixed: -0,
      vanna: 0,
      volga: 0,
    });
    expect(black76Greeks(1, 90, 100, 0, 0.5, 1).delta).toBe(0);
    expect(black76Greeks(1, 100, 100, 0, 0.5, 1).delta).toBe(0.5);
    expect(black76Greeks(-1, 100, 100, 0, 0.5, 1).delta).toBe(-0.5);
  });

  it("keeps the vega of an at-the-money option without volatility", () => {
    const greeks = black76Greeks(1, 100, 100, 0.25, 0, 1);
    expect(greeks.vega).toBe(100 * 0.5 * 0.3989422804014327);
    expect([greeks.gamma, greeks.vanna, greeks.volga]).toEqual([0, 0, 0]);
    expect(black76Greeks(1, 100, 101, 0.25, 0, 1).vega).toBe(0);
  });

  it("is finite where the density has vanished", () => {
    for (const [forward, strike] of [
      [1e-200, 1e200],
      [1e200, 1e-200],
      [0, 100],
    ] as const) {
      const greeks = black76Greeks(1, forward, strike, 1, 0.3, 1);
      expect([greeks.gamma, greeks.vega, greeks.vanna, greeks.volga]).toEqual([0, 0, 0, 0]);
    }
  });

  it("is NaN throughout for NaN in any argument", () => {
    const valid = [100, 105, 0.5, 0.5, 1];
    for (let position = 0; position < valid.length; position += 1) {
      const [forward, strike, years, volatility, discount] = valid.with(position, nan);
      for (const [name, value] of Object.entries(black76Greeks(1, forward!, strike!, years!, volatility!, discount!))) {
        expect(value, `${name} with NaN at ${position}`).toBeNaN();
      }
    }
  });

  it("converts vega to a volatility point", () => {
    expect(vegaPerPoint(1234)).toBe(12.34);
    expect(totalVolatilityOf(0.5, 4)).toBe(1);
    expect(totalVolatilityOf(0.5, -4)).toBe(0);
  });
});

describe("futures and coin-settled contracts", () => {
  it("profits with the sign of the quantity", () => {
    expect(linearPnl(2, 100, 110)).toBe(20);
    expect(linearPnl(-2, 100, 110)).toBe(-20);
    expect(inversePnl(100_000, 50_000, 40_000)).toBeCloseTo(-0.5, 12);
    expect(inversePnl(100_000, 50_000, 60_000)).toBeCloseTo(1 / 3, 12);
    expect(inversePnl(100_000, 50_000, 0)).toBe(-infinity);
    expect(inversePnl(100_000, nan, 60_000)).toBeNaN();
  });

  it("prices a coin-settled option as Black-76 over the forward", () => {
    expect(inverseOptionPrice(1, 60000, 65000, 0.25, 0.6, 1)).toBe(black76Price(1, 60000, 65000, 0.25, 0.6, 1) / 60000);
    const greeks = inverseOptionGreeks(-1, 60000, 65000, 0.25, 0.6, 1);
    expect(greeks.netDelta).toBe(black76Greeks(-1, 60000, 65000, 0.25, 0.6, 1).delta - greeks.price);
  });
});
