import {
  black76Greeks,
  black76Price,
  exp,
  impliedVolatility,
  inverseOptionGreeks,
  inverseOptionPrice,
  type OptionSign,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, it } from "vitest";
import { assertClose } from "../support/close.ts";

const SEED = 20260205;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const optionSign = fc.constantFrom<OptionSign>(1, -1);

/** Options between five minutes and three years, up to nine total volatilities from the money. */
const option = fc
  .record({
    sign: optionSign,
    forward: between(-5, 12).map(exp),
    years: between(-11.5, 1.1).map(exp),
    volatility: between(0.02, 4),
    deviations: between(-9, 9),
    discountFactor: between(0.7, 1.05),
  })
  .map(({ deviations, ...rest }) => ({
    ...rest,
    strike: rest.forward * exp(deviations * rest.volatility * Math.sqrt(rest.years)),
  }));

type Option = typeof option extends fc.Arbitrary<infer T> ? T : never;

function price(o: Option, changed: Partial<Option> = {}): number {
  const { sign, forward, strike, years, volatility, discountFactor } = { ...o, ...changed };
  return black76Price(sign, forward, strike, years, volatility, discountFactor);
}

function greeks(o: Option, changed: Partial<Option> = {}) {
  const { sign, forward, strike, years, volatility, discountFactor } = { ...o, ...changed };
  return black76Greeks(sign, forward, strike, years, volatility, discountFactor);
}

const scaleOf = (o: Option) => o.discountFactor * Math.max(o.forward, o.strike);

/** Richardson's extrapolation of the central difference: error of order step^4, plus rounding over the step. */
function derivative(f: (x: number) => number, x: number, step: number): number {
  const central = (h: number) => (f(x + h) - f(x - h)) / (2 * h);
  return (4 * central(step / 2) - central(step)) / 3;
}

describe("Black-76", () => {
  it("keeps put-call parity", () => {
    fc.assert(
      fc.property(option, (o) => {
        const gap = price(o, { sign: 1 }) - price(o, { sign: -1 });
        assertClose(gap, o.discountFactor * (o.forward - o.strike), 4e-16 * scaleOf(o), o);
      }),
      runs(2000),
    );
  });

  it("swaps call and put with forward and strike", () => {
    fc.assert(
      fc.property(option, (o) => {
        const swapped = price(o, { sign: -o.sign as OptionSign, forward: o.strike, strike: o.forward });
        assertClose(price(o), swapped, 1e-15 * scaleOf(o), o);
      }),
      runs(2000),
    );
  });

  it("scales exactly with powers of two, and to rounding with any factor", () => {
    fc.assert(
      fc.property(option, between(0.01, 100), (o, factor) => {
        assertClose(price(o, { forward: 8 * o.forward, strike: 8 * o.strike }), 8 * price(o), 0, o);
        const scaled = price(o, { forward: factor * o.forward, strike: factor * o.strike });
        assertClose(scaled, factor * price(o), 2e-15 * factor * scaleOf(o), { ...o, factor });
      }),
      runs(2000),
    );
  });

  it("stays between intrinsic value and its upper bound", () => {
    fc.assert(
      fc.property(option, (o) => {
        const value = price(o);
        const intrinsic = o.discountFactor * Math.max(0, o.sign * (o.forward - o.strike));
        const upper = o.discountFactor * (o.sign === 1 ? o.forward : o.strike);
        if (!(value >= intrinsic && value <= upper * (1 + 4e-16))) {
          throw new Error(`price ${value} outside [${intrinsic}, ${upper}]: ${JSON.stringify(o)}`);
        }
      }),
      runs(3000),
    );
  });

  it("never falls as volatility rises, nor as the strike moves towards the money", () => {
    fc.assert(
      fc.property(option, between(1.0001, 2), (o, factor) => {
        const slack = 4e-16 * scaleOf(o);
        const more = price(o, { volatility: o.volatility * factor });
        if (!(more >= price(o) - slack)) throw new Error(`falls with volatility: ${JSON.stringify({ ...o, factor })}`);
        const closer = price(o, { strike: o.sign === 1 ? o.strike / factor : o.strike * factor });
        if (!(closer >= price(o) - slack * factor)) throw new Error(`falls with moneyness: ${JSON.stringify(o)}`);
      }),
      runs(3000),
    );
  });

  it("has Greeks that finite differences confirm", () => {
    fc.assert(
      fc.property(option, (o) => {
        const g = greeks(o);
        const deviation = o.volatility * Math.sqrt(o.years);
        // Steps of a fiftieth of the option's own width keep truncation near 1e-7; tolerances are relative to the
        // Greek's at-the-money size, and leave room for the rounding of the price divided by the step.
        const wide = Math.min(deviation, 1) / 50;
        const forwardStep = o.forward * wide;
        const size = Math.max(o.forward, o.strike) * o.discountFactor;
        const near = (name: string, actual: number, expected: number, unit: number) =>
          assertClose(actual, expected, 2e-6 * unit, { ...o, name });
        const noise = (2e-16 * size) / wide;
        const noiseInVolatility = 2e-14 * size;
        near(
          "delta",
          g.delta,
          derivative((x) => price(o, { forward: x }), o.forward, forwardStep),
          1 + (noise / o.forward) * 1e6,
        );
        near(
          "gamma",
          g.gamma,
          derivative((x) => greeks(o, { forward: x }).delta, o.forward, forwardStep),
          1 / (o.forward * Math.min(deviation, 1)),
        );
        const volatilityStep = o.volatility / 100;
        const rootYears = Math.sqrt(o.years);
        const vegaUnit = o.forward * rootYears + (noiseInVolatility / o.volatility) * 1e6;
        near(
          "vega",
          g.vega,
          derivative((x) => price(o, { volatility: x }), o.volatility, volatilityStep),
          vegaUnit,
        );
        near(
          "vanna",
          g.vanna,
          derivative((x) => greeks(o, { volatility: x }).delta, o.volatility, volatilityStep),
          1 / o.volatility / Math.min(1, deviation),
        );
        near(
          "volga",
          g.volga,
          derivative((x) => greeks(o, { volatility: x }).vega, o.volatility, volatilityStep),
          (o.forward * rootYears) / o.volatility / Math.min(1, deviation),
        );
        const rate = -Math.log(o.discountFactor) / o.years;
        const decayed = derivative(
          (years) => price(o, { years, discountFactor: Math.exp(-rate * years) }),
          o.years,
          o.years / 100,
        );
        const thetaUnit = (o.forward * deviation + Math.abs(rate) * o.years * size + noiseInVolatility * 1e6) / o.years;
        near("theta", g.theta * 365, -decayed, thetaUnit);
      }),
      runs(1500),
    );
  });

  it("has coin Greeks that finite differences of the coin price confirm", () => {
    fc.assert(
      fc.property(option, (o) => {
        const { sign, strike, years, volatility, discountFactor } = o;
        const coin = (forward: number) => inverseOptionPrice(sign, forward, strike, years, volatility, discountFactor);
        const at = (forward: number) => inverseOptionGreeks(sign, forward, strike, years, volatility, discountFactor);
        const width = Math.min(volatility * Math.sqrt(years), 1);
        const step = (o.forward * width) / 50;
        const g = at(o.forward);
        const unit = Math.max(1, strike / o.forward) / o.forward;
        const noise = (1e-9 / width) * unit;
        assertClose(g.delta, derivative(coin, o.forward, step), 2e-6 * unit + noise, o);
        assertClose(g.netDelta, g.delta * o.forward, 1e-14 * unit * o.forward, o);
        const second = derivative((x) => at(x).delta, o.forward, step);
        assertClose(g.gamma, second, (4e-6 * unit) / (o.forward * width), o);
      }),
      runs(1500),
    );
  });

  it("gives its volatility back from its price, to what the price's rounding leaves", () => {
    fc.assert(
      fc.property(option, (o) => {
        const { sign, forward, strike, years, volatility, discountFactor } = o;
        const value = price(o);
        const result = impliedVolatility(sign, value, forward, strike, years, discountFactor);
        const { vega } = greeks(o);
        const lost = (1e-15 * scaleOf(o)) / vega;
        if (result.status === "ok") assertClose(result.volatility, volatility, lost + 1e-10 * volatility, o);
        else if (!(lost > 1e-3 * volatility)) throw new Error(`${result.status}: ${JSON.stringify(o)}`);
      }),
      runs(3000),
    );
  });
});
