import {
  accumulateLosses,
  black76IntoScenarios,
  buildScenarioSet,
  createMarginEngine,
  createRiskArrays,
  defaultParameters,
  reserveRiskArray,
  scanBooks,
  worstIndex,
  writeRiskArray,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logRatio } from "../../packages/risk/src/numbers/exponential.ts";
import { valueInScenario } from "../../packages/risk/src/pricing/black76.ts";
import { movedVolatility } from "../../packages/risk/src/scenarios/index.ts";
import { arbitraryAccount, chain, propertySettings } from "../support/books.ts";
import { asOfMs, expiryInDays, quotedOption } from "../support/market.ts";
import { seeded } from "../support/seeded.ts";

/** Doubles of a market, and now and then any double at all: NaN, infinities, zeros of both signs, subnormal ones. */
const figure = (min: number, max: number) =>
  fc.oneof({ weight: 9, arbitrary: fc.double({ min, max, noNaN: true }) }, { weight: 1, arbitrary: fc.double() });

const scenario = fc.record({ multiplier: figure(0.05, 4), logarithm: figure(-3, 1.4), volatility: figure(0, 3) });

/** Equal bits; toEqual on typed arrays takes +0 for -0. */
function expectSameBits(actual: Float64Array, expected: Float64Array) {
  const bits = (figures: Float64Array) => [...figures].map((figure) => (Object.is(figure, -0) ? "-0" : String(figure)));
  expect(bits(actual)).toEqual(bits(expected));
}

describe("the scenario kernel", () => {
  it("prices with the bits of the plain formula, whatever comes in", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<1 | -1>(1, -1),
        figure(1, 1e5),
        figure(1, 1e5),
        figure(0.5, 1),
        fc.array(scenario, { maxLength: 9 }),
        (optionSign, forward, strike, discountFactor, scenarios) => {
          const column = (name: "multiplier" | "logarithm" | "volatility") =>
            Float64Array.from(scenarios, (entry) => entry[name]);
          const out = new Float64Array(scenarios.length);
          const terms = [optionSign, forward, strike, discountFactor] as const;
          const columns = [column("multiplier"), column("logarithm"), column("volatility")] as const;
          black76IntoScenarios(out, 0, scenarios.length, ...terms, ...columns);
          const logMoneyness = logRatio(forward, strike);
          const plain = scenarios.map(({ multiplier, logarithm, volatility }) => {
            const shocked = forward * multiplier;
            return discountFactor * valueInScenario(optionSign, shocked, strike, logMoneyness + logarithm, volatility);
          });
          expectSameBits(out, Float64Array.from(plain));
        },
      ),
      { seed: 20261122, numRuns: 3000 },
    );
  });

  it("prices more scenarios than its memory holds", () => {
    const count = 10_001;
    const random = seeded(3);
    const multipliers = Float64Array.from({ length: count }, () => 0.5 + random());
    const logarithms = multipliers.map((multiplier) => logRatio(multiplier, 1));
    const volatilities = Float64Array.from({ length: count }, () => random());
    const out = new Float64Array(count);
    black76IntoScenarios(out, 0, count, -1, 100, 90, 1, multipliers, logarithms, volatilities);
    const logMoneyness = logRatio(100, 90);
    const plain = multipliers.map((multiplier, s) =>
      valueInScenario(-1, 100 * multiplier, 90, logMoneyness + logarithms[s]!, volatilities[s]!),
    );
    expectSameBits(out, plain);
  });

  it("writes risk arrays with the bits of the plain formula", () => {
    const scan = defaultParameters.scan[0]!;
    const set = buildScenarioSet(scan);
    const option = fc.record({
      optionType: fc.constantFrom<"call" | "put">("call", "put"),
      settlement: fc.constantFrom<"linear" | "inverse">("linear", "inverse"),
      strike: fc.double({ min: 1e3, max: 1e6, noNaN: true }),
      contractSize: fc.double({ min: 0.001, max: 100, noNaN: true }),
      days: fc.double({ min: 0.01, max: 700, noNaN: true }),
      volatility: fc.double({ min: 0, max: 4, noNaN: true }),
    });
    fc.assert(
      fc.property(option, ({ optionType, settlement, strike, contractSize, days, volatility }) => {
        const terms = { instrumentId: "O", underlying: "BTC", optionType, strike, expiryMs: expiryInDays(days) };
        const quoted = quotedOption(terms, 60_000, volatility);
        const instrument = { ...quoted.instrument, settlement, contractSize };
        const out = new Float64Array(set.scenarioCount);
        writeRiskArray(out, 0, { ...quoted, instrument }, set, scan, asOfMs);
        const exactDays = (terms.expiryMs - asOfMs) / 86_400_000;
        const rootYears = Math.sqrt(exactDays / 365);
        const values = set.ids.map((_, s) => {
          const state = Math.sign(set.volatilityState[s]!) as 1 | 0 | -1;
          const total = movedVolatility(volatility, exactDays, state, scan) * rootYears;
          const shocked = 60_000 * set.priceMultiplier[s]!;
          const logarithm = logRatio(60_000, strike) + set.logPriceMultiplier[s]!;
          const value = valueInScenario(optionType === "call" ? 1 : -1, shocked, strike, logarithm, total);
          return settlement === "inverse" ? value / shocked : value;
        });
        const plain = values.map((value) => contractSize * (values[set.noMoveIndex]! - value));
        expectSameBits(out, Float64Array.from(plain));
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it("sums positions with the bits of the plain double loop, and finds the worst of many books like one by one", () => {
    const random = seeded(11);
    for (const [scenarioCount, instruments, positions] of [
      [1, 3, 4],
      [41, 12, 20],
      [129, 40, 33],
      [1000, 30, 25],
      [4096, 3, 1500],
      [9001, 3, 5],
    ] as const) {
      const arrays = createRiskArrays(0);
      const rows = Array.from({ length: instruments }, () => {
        const offset = reserveRiskArray(arrays, scenarioCount);
        for (let s = 0; s < scenarioCount; s += 1) arrays.buffer[offset + s] = random() - 0.5;
        return offset;
      });
      const books = 7;
      const starts = Int32Array.from({ length: books + 1 }, (_, book) => Math.floor((book * positions) / 2));
      const offsets = Int32Array.from({ length: starts[books]! }, () => rows[Math.floor(random() * instruments)]!);
      const quantities = Float64Array.from(offsets, () => 20 * (random() - 0.5));
      const worst = scanBooks(arrays, { starts, offsets, quantities }, scenarioCount);
      for (let book = 0; book < books; book += 1) {
        const [start, end] = [starts[book]!, starts[book + 1]!];
        const losses = new Float64Array(scenarioCount);
        const plain = losses.slice();
        for (let p = start; p < end; p += 1) {
          for (let s = 0; s < scenarioCount; s += 1) plain[s]! += quantities[p]! * arrays.buffer[offsets[p]! + s]!;
        }
        accumulateLosses(losses, arrays, offsets, quantities, start, end, scenarioCount);
        expectSameBits(losses, plain);
        expect(worst.scenarios[book]).toBe(worstIndex(plain, 0, scenarioCount));
        expect(worst.losses[book]).toBe(plain[worst.scenarios[book]!]);
      }
    }
  });

  it("finds the first of equal worst losses, wherever it need not look", () => {
    const random = seeded(5);
    for (const scenarioCount of [64, 65, 200, 1000]) {
      for (let story = 0; story < 20; story += 1) {
        const arrays = createRiskArrays(0);
        const rows = Array.from({ length: 6 }, (_, row) => {
          const offset = reserveRiskArray(arrays, scenarioCount);
          const turn = 1 + Math.floor(3 * random());
          for (let s = 0; s < scenarioCount; s += 1) {
            // Whole numbers that come again, smooth as losses over a grid of prices are.
            arrays.buffer[offset + s] = Math.round(4 * Math.sin((turn * 6 * s) / scenarioCount + row));
          }
          return offset;
        });
        const starts = Int32Array.from({ length: 41 }, (_, book) => 3 * book);
        const offsets = Int32Array.from({ length: 120 }, () => rows[Math.floor(random() * rows.length)]!);
        const quantities = Float64Array.from(offsets, () => Math.round(4 * (random() - 0.5)));
        const worst = scanBooks(arrays, { starts, offsets, quantities }, scenarioCount);
        for (let book = 0; book < 40; book += 1) {
          const losses = new Float64Array(scenarioCount);
          accumulateLosses(losses, arrays, offsets, quantities, starts[book]!, starts[book + 1]!, scenarioCount);
          expect(worst.scenarios[book]).toBe(worstIndex(losses, 0, scenarioCount));
          expect(worst.losses[book]).toBe(losses[worst.scenarios[book]!]);
        }
      }
    }
  });

  it("gives the same results from memory that was used before", () => {
    const engine = createMarginEngine(chain, defaultParameters);
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.constantFrom("portfolio", "var"), (book, methodId) => {
        const account = { ...book, methodId } as const;
        const [margin, prices] = [engine.margin(account), engine.callPrices(account)];
        engine.release();
        expect(engine.callPrices(account)).toEqual(prices);
        expect(engine.margin(account)).toEqual(margin);
      }),
      { ...propertySettings, numRuns: 12 },
    );
  });

  it("never takes a loss that is not a number for the worst, and says when there is no other", () => {
    const arrays = createRiskArrays(0);
    const offset = reserveRiskArray(arrays, 3);
    arrays.buffer.set([Number.NaN, -5, -2], offset);
    const hollow = reserveRiskArray(arrays, 3);
    arrays.buffer.set([Number.NaN, Number.NaN, Number.NaN], hollow);
    const books = {
      starts: Int32Array.of(0, 1, 2),
      offsets: Int32Array.of(offset, hollow),
      quantities: Float64Array.of(1, 1),
    };
    const { scenarios, losses } = scanBooks(arrays, books, 3);
    expect([...scenarios]).toEqual([2, -1]);
    expect([...losses]).toEqual([-2, Number.NEGATIVE_INFINITY]);
  });
});
