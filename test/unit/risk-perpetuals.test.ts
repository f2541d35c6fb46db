import {
  black76Price,
  constantProductFairPrice,
  constantProductReserveValue,
  everlastingOptionPrice,
  everlastingOptionValue,
  exp,
  type OptionSign,
  perpetualOptionValue,
  powerPerpetualValue,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";

const PERIOD = 5 / 365;

const contracts = [2400, 2999, 3000, 3300, 4500].flatMap((strike) =>
  ([1, -1] as const).flatMap((optionSign) =>
    [-0.3, 0, 0.4].map((rate) => ({ strike, optionSign, rate, spot: 3000, volatility: 0.8 })),
  ),
);

/** The dated options averaged by Simpson's rule over u in (0, 1), where the expiry is -T ln(1 - u) in 40 times T at most. */
function averagedDatedOptions(
  optionSign: OptionSign,
  spot: number,
  strike: number,
  rate: number,
  volatility: number,
): number {
  const upper = 40;
  const steps = 4000;
  const dated = (expiries: number) => {
    const years = expiries * PERIOD;
    const discountFactor = exp(-rate * years);
    return exp(-expiries) * black76Price(optionSign, spot / discountFactor, strike, years, volatility, discountFactor);
  };
  // In the square root of time the value is smooth at expiry.
  const integrand = (x: number) => 2 * x * dated(x * x);
  const width = Math.sqrt(upper) / steps;
  let sum = integrand(0) + integrand(Math.sqrt(upper));
  for (let step = 1; step < steps; step += 1) sum += integrand(step * width) * (step % 2 === 1 ? 4 : 2);
  return (sum * width) / 3;
}

describe("perpetual options with continuous funding", () => {
  it("are the average of dated options over an exponential expiry", () => {
    for (const { strike, optionSign, rate, spot, volatility } of contracts) {
      const { price } = perpetualOptionValue(
        { optionSign, strike, fundingPeriodYears: PERIOD },
        spot,
        rate,
        volatility,
      );
      const averaged = averagedDatedOptions(optionSign, spot, strike, rate, volatility);
      assertClose(price, averaged, 1e-6 * spot, { strike, optionSign, rate });
    }
  });

  it("have the slope, curvature and vega of their price", () => {
    for (const { strike, optionSign, rate, spot, volatility } of contracts) {
      const terms = { optionSign, strike, fundingPeriodYears: PERIOD };
      const at = (price: number) => perpetualOptionValue(terms, price, rate, volatility);
      const step = 0.01;
      const { price, delta, gamma, vega } = at(spot);
      const priced = (moved: number) => perpetualOptionValue(terms, spot, rate, moved).price;
      // Central differences over 1e-5 of volatility: their own error is of the order of 1e-10 x the third derivative.
      assertClose(vega, (priced(volatility + 1e-5) - priced(volatility - 1e-5)) / 2e-5, 1e-4, terms);
      assertClose(delta, (at(spot + step).price - at(spot - step).price) / (2 * step), 2e-5, terms);
      if (strike === spot) continue;
      assertClose(gamma, (at(spot + step).price - 2 * price + at(spot - step).price) / (step * step), 2e-6, terms);
    }
  });

  it("have no value where they are not defined", () => {
    const terms = { optionSign: 1, strike: 100, fundingPeriodYears: PERIOD } as const;
    for (const [spot, rate, volatility] of [
      [0, 0, 0.5],
      [100, 0, 0],
      [100, -100, 0.5],
      [Number.NaN, 0, 0.5],
    ] as const) {
      expect(perpetualOptionValue(terms, spot, rate, volatility)).toEqual({
        price: Number.NaN,
        delta: Number.NaN,
        gamma: Number.NaN,
        vega: Number.NaN,
      });
    }
  });
});

describe("everlasting options", () => {
  it("are worth their dated parts, halved each time", () => {
    const terms = { optionSign: -1, strike: 3100, fundingPeriodYears: 1 / 365 } as const;
    const dated = (n: number) => black76Price(-1, 3000, 3100, n / 365, 0.8, 1);
    const first = [1, 2, 3].reduce((sum, n) => sum + dated(n) / 2 ** n, 0);
    const rest = everlastingOptionPrice(terms, 3000, 0, 0.8) - first;
    expect(rest).toBeGreaterThan(dated(4) / 8 - 1e-9);
    expect(rest).toBeLessThan(dated(20) / 8);
  });

  it("have the Greeks of their price", () => {
    for (const { strike, optionSign, rate, spot, volatility } of contracts) {
      const terms = { optionSign, strike, fundingPeriodYears: 1 / 365 };
      const at = (price: number, moved = volatility) => everlastingOptionPrice(terms, price, rate, moved);
      const { price, delta, gamma, vega } = everlastingOptionValue(terms, spot, rate, volatility);
      assertClose(price, at(spot), 1e-10 * spot, terms);
      assertClose(delta, (at(spot + 0.01) - at(spot - 0.01)) / 0.02, 1e-6, terms);
      assertClose(gamma, (at(spot + 0.5) - 2 * price + at(spot - 0.5)) / 0.25, 1e-6, terms);
      assertClose(vega, (at(spot, volatility + 1e-5) - at(spot, volatility - 1e-5)) / 2e-5, 1e-3, terms);
    }
  });

  it("become what they pay as the funding period goes to nothing, like those with continuous funding", () => {
    for (const { strike, optionSign, spot, volatility } of contracts) {
      const payoff = Math.max(0, optionSign * (spot - strike));
      const distances = [1, 1e-2, 1e-4, 1e-6, 1e-8].map((days) => {
        const terms = { optionSign, strike, fundingPeriodYears: days / 365 };
        const discrete = everlastingOptionPrice(terms, spot, 0, volatility) - payoff;
        const continuous = perpetualOptionValue(terms, spot, 0, volatility).price - payoff;
        // At the money the time value of either is the spot x volatility x root of a few periods.
        const bound = spot * volatility * Math.sqrt(2 * terms.fundingPeriodYears);
        expect(Math.max(discrete, continuous)).toBeLessThan(bound);
        // The time value is a difference of prices of the size of the spot, so rounding may leave it just below 0.
        expect(Math.min(discrete, continuous)).toBeGreaterThan(-1e-12 * spot);
        return discrete;
      });
      expect(distances.toSorted((a, b) => b - a)[0]).toBe(distances[0]);
    }
  });

  it("keep parity: a call less a put is the averaged forward payoff", () => {
    const price = (optionSign: OptionSign) =>
      everlastingOptionPrice({ optionSign, strike: 2800, fundingPeriodYears: 1 / 365 }, 3000, 0.1, 0.8);
    const growth = exp(-0.1 / 365) / 2;
    assertClose(price(1) - price(-1), 3000 - (2800 * growth) / (1 - growth), 1e-9, {});
  });
});

describe("power perpetuals", () => {
  it("are worth the series of power claims", () => {
    const [spot, power, rate, volatility, interval] = [3000, 3, 0.05, 0.7, 1 / 365];
    let series = 0;
    for (let n = 1; n <= 60; n += 1) {
      const years = n * interval;
      const growth = (power - 1) * (rate + (power * volatility * volatility) / 2) * years;
      series += (spot ** power * exp(growth)) / 2 ** n;
    }
    const value = powerPerpetualValue(spot, power, rate, volatility, interval);
    assertClose(value.price, series, 1e-9 * series, { value });
    assertClose(value.delta, (power * value.price) / spot, 1e-9 * value.delta, { value });
    expect(powerPerpetualValue(spot, 1, rate, volatility, interval).price).toBeCloseTo(spot, 8);
    const priced = (moved: number) => powerPerpetualValue(spot, power, rate, moved, interval).price;
    const difference = (priced(volatility + 1e-5) - priced(volatility - 1e-5)) / 2e-5;
    assertClose(value.vega, difference, 1e-7 * value.vega, { value });
  });

  it("have no finite price where the claims outgrow their weights", () => {
    expect(powerPerpetualValue(3000, 2, 0, 0.8, 2).price).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("constant-product pool tokens", () => {
  const pool = { reserve0: 1000, reserve1: 3_000_000, price0: 3000, price1: 1, totalSupply: 50_000 };

  it("are worth the same whatever a trade does to the reserves, and never more than the reserves", () => {
    const fair = constantProductFairPrice(pool);
    assertClose(fair, constantProductReserveValue(pool), 1e-9, {});
    for (const moved of [0.5, 0.9, 1.1, 3]) {
      const traded = { ...pool, reserve0: pool.reserve0 * moved, reserve1: pool.reserve1 / moved };
      assertClose(constantProductFairPrice(traded), fair, 1e-9, { moved });
      expect(constantProductReserveValue(traded)).toBeGreaterThan(fair);
    }
  });
});
