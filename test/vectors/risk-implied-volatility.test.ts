import {
  black76Greeks,
  black76Price,
  exp,
  type ImpliedVolatility,
  impliedVolatility,
  type OptionSign,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { readFixtureJson } from "../support/fixtures.ts";
import { numberIn, readGrid } from "../support/grid.ts";
import {
  divide,
  expOf,
  fromNumber,
  logOf,
  multiply,
  normalTailRatioOf,
  ONE,
  toNumber,
} from "../support/high-precision.ts";
import { seeded } from "../support/seeded.ts";

function volatilityOf(result: ImpliedVolatility, inputs: Readonly<Record<string, unknown>>): number {
  if (result.status !== "ok") throw new Error(`no volatility: ${JSON.stringify({ result, inputs })}`);
  return result.volatility;
}

/** Exact value of the out-of-the-money option of total volatility s, 512 bits, rounded to a double. */
function exactPrice(forward: number, strike: number, s: number): number {
  const lower = fromNumber(Math.min(forward, strike));
  const distance = logOf(divide(fromNumber(Math.max(forward, strike)), lower));
  const total = fromNumber(s);
  const ratio = divide(distance, total);
  const a = ratio - (total >> 1n);
  const b = ratio + (total >> 1n);
  const gaussian = expOf(-(multiply(a, a) >> 1n));
  const tails = a >= 0n ? normalTailRatioOf(a) - normalTailRatioOf(b) : -(normalTailRatioOf(-a) + normalTailRatioOf(b));
  return toNumber(multiply(lower, (a >= 0n ? 0n : ONE) + multiply(gaussian, tails)));
}

describe("implied volatility", () => {
  it("finds every root of the reference grid, and says why where there is none", () => {
    const solved = { count: 0 };
    for (const row of readGrid("implied_vol")) {
      const years = numberIn(row, "T");
      const result = impliedVolatility(
        numberIn(row, "w") as OptionSign,
        numberIn(row, "price"),
        numberIn(row, "F"),
        numberIn(row, "K"),
        years,
        exp(-numberIn(row, "r") * years),
      );
      expect(result.status, JSON.stringify(row)).toBe(row.status);
      if (row.status !== "ok") continue;
      const expected = numberIn(row, "vol_true");
      const condition = typeof row.cond === "number" ? row.cond : 0;
      assertClose(volatilityOf(result, row), expected, Math.max(1e-14 * expected, 4 * condition), row);
      solved.count += 1;
    }
    expect(solved.count).toBeGreaterThan(200);
  });

  it("recovers the volatility from exact prices, also where price and volatility are tiny", () => {
    const uniform = seeded(76);
    for (let draw = 0; draw < 400; draw += 1) {
      const s = 10 ** (-6 + 6.5 * uniform());
      const deviations = (uniform() - 0.5) * 24;
      const forward = 100;
      const strike = draw % 10 === 0 ? forward : forward * Math.exp(deviations * s);
      const price = exactPrice(forward, strike, s);
      const sign = strike >= forward ? 1 : -1;
      const { vega } = black76Greeks(sign, forward, strike, 1, s, 1);
      // The inputs are exact, so all that may be lost is the rounding of the price and the solver's own.
      const tolerance = Math.max(4e-15 * s, (2 ** -52 * price) / vega);
      const inputs = { forward, strike, s, price };
      assertClose(volatilityOf(impliedVolatility(sign, price, forward, strike, 1, 1), inputs), s, tolerance, inputs);
    }
  });

  it("inverts vollib's documented call", () => {
    const { inputs, expected } = readFixtureJson("vectors/black76_vollib_atm_call.json") as {
      inputs: { F: number; K: number; t: number; r: number };
      expected: { price: number; impliedVol: number };
    };
    const result = impliedVolatility(1, expected.price, inputs.F, inputs.K, inputs.t, exp(-inputs.r * inputs.t));
    assertClose(volatilityOf(result, inputs), expected.impliedVol, 1e-15, inputs);
  });

  it("solves down to the smallest price and up to the bound", () => {
    const smallest = volatilityOf(impliedVolatility(1, 5e-324, 100, 200, 1, 1), {});
    expect(black76Price(1, 100, 200, 1, smallest * 1.002, 1)).toBeGreaterThan(0);
    expect(black76Price(1, 100, 200, 1, smallest * 0.998, 1)).toBe(0);
    const highest = volatilityOf(impliedVolatility(1, 100 - 2 ** -46, 100, 200, 1, 1), {});
    expect(black76Price(1, 100, 200, 1, highest, 1)).toBe(100 - 2 ** -46);
  });

  it("reports prices without a solution with the bound they miss", () => {
    expect(impliedVolatility(1, 5, 110, 100, 1, 0.5)).toEqual({ status: "at_intrinsic", volatility: 0 });
    expect(impliedVolatility(1, 0, 90, 100, 1, 1)).toEqual({ status: "at_intrinsic", volatility: 0 });
    expect(impliedVolatility(1, 4.9, 110, 100, 1, 0.5)).toEqual({ status: "below_intrinsic", intrinsic: 5 });
    expect(impliedVolatility(1, -1, 90, 100, 1, 1)).toEqual({ status: "below_intrinsic", intrinsic: 0 });
    expect(impliedVolatility(1, 55, 110, 100, 1, 0.5)).toEqual({ status: "above_upper_bound", upperBound: 55 });
    expect(impliedVolatility(-1, 51, 110, 100, 1, 0.5)).toEqual({ status: "above_upper_bound", upperBound: 50 });
  });

  it("names the input it cannot use", () => {
    const valid = [10, 100, 100, 0.5, 1];
    const fields = ["price", "forward", "strike", "timeToExpiryYears", "discountFactor"];
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1]) {
      fields.forEach((field, position) => {
        if (position === 0 && Number.isFinite(bad)) return;
        const [price, forward, strike, years, discount] = valid.with(position, bad);
        const result = impliedVolatility(1, price!, forward!, strike!, years!, discount!);
        expect(result).toEqual({ status: "invalid_input", field, value: bad });
      });
    }
  });
});
