import {
  black76Greeks,
  black76IntoScenarios,
  black76Price,
  exp,
  inversePnl,
  log,
  normalDistribution,
  type OptionSign,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { readFixtureJson } from "../support/fixtures.ts";
import { numberIn, readGrid } from "../support/grid.ts";

const rows = readGrid("black76").map((row) => {
  const years = numberIn(row, "T");
  const rate = numberIn(row, "r");
  return {
    row,
    sign: numberIn(row, "w") as OptionSign,
    forward: numberIn(row, "F"),
    strike: numberIn(row, "K"),
    years,
    volatility: numberIn(row, "vol"),
    rate,
    discountFactor: exp(-rate * years),
  };
});

function greeksOf(option: (typeof rows)[number]) {
  const { sign, forward, strike, years, volatility, discountFactor, rate } = option;
  return black76Greeks(sign, forward, strike, years, volatility, discountFactor, rate);
}

describe("Black-76 against 90-digit references", () => {
  it("prices within 4e-16 of the larger of discounted forward and strike", () => {
    for (const option of rows) {
      const scale = option.discountFactor * Math.max(option.forward, option.strike);
      assertClose(greeksOf(option).price, numberIn(option.row, "price"), 4e-16 * scale, option.row);
    }
  });

  it("prices within 1e-10 relative, every price that is not subnormal included", () => {
    for (const option of rows) {
      const expected = numberIn(option.row, "price");
      assertClose(greeksOf(option).price, expected, Math.max(1e-10 * Math.abs(expected), 1e-300), option.row);
    }
  });

  // A deviation d is known to about 3e-16 d, which moves n(d) by 3e-16 d^2 relative: 5e-13 at d = 37.
  it.each([
    ["delta", "delta"],
    ["gamma", "gamma"],
    ["vega", "vega"],
    ["theta", "theta_day365"],
    ["rho", "rho_fwd_fixed"],
    ["rhoSpotFixed", "rho_spot_fixed"],
  ] as const)("gives %s with its sign", (greek, column) => {
    for (const option of rows) {
      const expected = numberIn(option.row, column);
      const tolerance = (greek === "rho" ? 1e-10 : 1e-12) * Math.abs(expected);
      assertClose(greeksOf(option)[greek], expected, Math.max(tolerance, 1e-300), option.row);
    }
  });

  it("gives the probabilities of its two terms", () => {
    for (const { row, sign } of rows) {
      for (const name of ["d1", "d2"]) {
        const expected = numberIn(row, `n_w${name}`);
        assertClose(normalDistribution(sign * numberIn(row, name)), expected, Math.max(1e-12 * expected, 1e-300), row);
      }
    }
  });

  it("derives the rate from the discount factor to what its rounding allows", () => {
    for (const option of rows) {
      const { sign, forward, strike, years, volatility, discountFactor } = option;
      const { theta } = black76Greeks(sign, forward, strike, years, volatility, discountFactor);
      const expected = numberIn(option.row, "theta_day365");
      const lost = (numberIn(option.row, "price") * 4.5e-16) / years / 365;
      assertClose(theta, expected, lost + Math.max(1e-12 * Math.abs(expected), 1e-300), option.row);
    }
  });
});

describe("the scenario kernel", () => {
  it("is bit for bit black76Price where nothing moves, and puts each option at its offset", () => {
    const unit = new Float64Array([1]);
    const still = new Float64Array([0]);
    const out = new Float64Array(rows.length).fill(Number.NaN);
    rows.forEach(({ sign, forward, strike, years, volatility, discountFactor }, index) => {
      const total = new Float64Array([volatility * Math.sqrt(years)]);
      black76IntoScenarios(out, index, 1, sign, forward, strike, discountFactor, unit, still, total);
    });
    rows.forEach(({ sign, forward, strike, years, volatility, discountFactor, row }, index) => {
      const price = black76Price(sign, forward, strike, years, volatility, discountFactor);
      if (!Object.is(out[index], price))
        throw new Error(`kernel ${out[index]}, price ${price}: ${JSON.stringify(row)}`);
    });
  });

  it("prices a shocked forward like an option on that forward", () => {
    const multipliers = Float64Array.from({ length: 17 }, (_, index) => 0.5 + index / 16);
    const logs = multipliers.map(log);
    const out = new Float64Array(multipliers.length);
    for (const { sign, forward, strike, years, volatility, discountFactor, row } of rows) {
      const total = new Float64Array(multipliers.length).fill(volatility * Math.sqrt(years));
      black76IntoScenarios(out, 0, out.length, sign, forward, strike, discountFactor, multipliers, logs, total);
      multipliers.forEach((multiplier, scenario) => {
        const price = black76Price(sign, forward * multiplier, strike, years, volatility, discountFactor);
        const scale = discountFactor * Math.max(forward * multiplier, strike);
        assertClose(out[scenario]!, price, 6e-16 * scale, { ...row, multiplier });
      });
    }
  });
});

describe("published prices", () => {
  it("reproduces the table of Haug's book, on forwards", () => {
    const { inputs, expected, tolerance } = readFixtureJson("vectors/black_scholes_haug_table.json") as {
      inputs: {
        cases: {
          type: string;
          strike: number;
          spot: number;
          dividendYield: number;
          rate: number;
          t: number;
          vol: number;
        }[];
      };
      expected: { price: number[] };
      tolerance: { absolute: number };
    };
    expect(inputs.cases.length).toBe(expected.price.length);
    inputs.cases.forEach((option, index) => {
      const forward = option.spot * exp((option.rate - option.dividendYield) * option.t);
      const sign = option.type === "call" ? 1 : -1;
      const price = black76Price(sign, forward, option.strike, option.t, option.vol, exp(-option.rate * option.t));
      assertClose(price, expected.price[index]!, tolerance.absolute, option);
    });
  });

  it("reproduces vollib's documented call", () => {
    const { inputs, expected, tolerance } = readFixtureJson("vectors/black76_vollib_atm_call.json") as {
      inputs: { F: number; K: number; t: number; r: number; sigma: number };
      expected: { price: number; undiscounted: number };
      tolerance: { relative: number };
    };
    const { F, K, t, r, sigma } = inputs;
    assertClose(black76Price(1, F, K, t, sigma, exp(-r * t)), expected.price, tolerance.relative * 6, inputs);
    assertClose(black76Price(1, F, K, t, sigma, 1), expected.undiscounted, tolerance.relative * 6, inputs);
  });

  it("reproduces the profit of an inverse perpetual", () => {
    const { inputs, expected, tolerance } = readFixtureJson("vectors/inverse_perp_pnl.json") as {
      inputs: { contractsUsd: number; entry: number; exits: number[] };
      expected: { pnlCoinLong: number[]; pnlUsdAtExit: number[] };
      tolerance: { absolute: number };
    };
    inputs.exits.forEach((exit, index) => {
      const long = inversePnl(inputs.contractsUsd, inputs.entry, exit);
      assertClose(long, expected.pnlCoinLong[index]!, tolerance.absolute, { ...inputs, exit });
      assertClose(long * exit, expected.pnlUsdAtExit[index]!, tolerance.absolute * exit, { ...inputs, exit });
      expect(inversePnl(-inputs.contractsUsd, inputs.entry, exit)).toBe(-long);
    });
  });
});
