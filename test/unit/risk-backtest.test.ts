import {
  binomialDistribution,
  binomialProbability,
  chiSquareCritical,
  chiSquareTail,
  christoffersenIndependence,
  conditionalCoverageTest,
  countTransitions,
  kupiecAcceptedExceptions,
  kupiecTest,
  measureCoverage,
  measureProcyclicality,
  trafficLight,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const seeded = { seed: 20261122, numRuns: 200 };

describe("chi-square distribution", () => {
  it("has the printed critical values (Abramowitz and Stegun, table 26.8, printed to 5 digits)", () => {
    const printed: [number, number, number][] = [
      [0.05, 1, 3.84146],
      [0.05, 2, 5.99147],
      [0.01, 1, 6.6349],
      [0.01, 2, 9.21034],
      [0.05, 10, 18.307],
      [0.01, 7, 18.4753],
      [0.1, 30, 40.256],
    ];
    for (const [tail, degrees, critical] of printed) {
      expect(Math.abs(chiSquareCritical(tail, degrees) / critical - 1)).toBeLessThan(5e-6);
    }
  });

  it("gives back the tail of its critical value, for any degrees of freedom", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (tail, degrees) => {
          const critical = chiSquareCritical(tail, degrees);
          // One ulp of the critical value moves the tail by about critical / 2 ulps.
          expect(Math.abs(chiSquareTail(critical, degrees) / tail - 1)).toBeLessThan(1e-13 * (10 + critical));
        },
      ),
      seeded,
    );
  });

  it("answers the ends of its range, and names a wrong number of degrees", () => {
    expect(chiSquareTail(0, 1)).toBe(1);
    expect(chiSquareTail(Number.POSITIVE_INFINITY, 2)).toBe(0);
    expect(chiSquareTail(Number.NaN, 2)).toBeNaN();
    expect(chiSquareCritical(0, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(chiSquareCritical(1.5, 1)).toBeNaN();
    expect(() => chiSquareTail(1, 0)).toThrow("Degrees of freedom are 0; give a whole number from 1 on");
  });
});

/** Binomial probabilities as exact fractions: the second method. */
function exactBinomial(k: number, n: number, thousandths: number): number {
  let coefficient = 1n;
  for (let index = 0; index < k; index += 1) coefficient = (coefficient * BigInt(n - index)) / BigInt(index + 1);
  const numerator = coefficient * BigInt(thousandths) ** BigInt(k) * BigInt(1000 - thousandths) ** BigInt(n - k);
  const scaled = (numerator * 10n ** 40n) / 1000n ** BigInt(n);
  return Number(scaled) / 1e40;
}

describe("binomial distribution", () => {
  it("equals exact fractions", () => {
    const arbitrary = fc.record({
      n: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      thousandths: fc.integer({ min: 1, max: 999 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ n, share, thousandths }) => {
        const k = Math.round(n * share);
        const exact = exactBinomial(k, n, thousandths);
        fc.pre(exact > 1e-20);
        // 1e-12: p itself, a rounded decimal, moves p^k by k ulps.
        expect(Math.abs(binomialProbability(k, n, thousandths / 1000) / exact - 1)).toBeLessThan(1e-12);
      }),
      seeded,
    );
  });

  it("sums to the probabilities beside it, from both ends", () => {
    const arbitrary = fc.record({
      n: fc.integer({ min: 1, max: 400 }),
      p: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(arbitrary, fc.double({ min: 0, max: 1, noNaN: true }), ({ n, p }, share) => {
        const k = Math.floor(share * n);
        let sum = 0;
        for (let j = 0; j <= k; j += 1) sum += binomialProbability(j, n, p);
        expect(Math.abs(binomialDistribution(k, n, p) - sum)).toBeLessThan(1e-12);
      }),
      seeded,
    );
  });

  it("keeps its digits over millions of trials", () => {
    // scipy 1.17, which sums by the incomplete beta function: agreement to 1e-9 says neither lost digits.
    expect(Math.abs(binomialDistribution(43_800, 4_400_000, 0.01) / 0.1695857607 - 1)).toBeLessThan(1e-9);
    expect(binomialProbability(0, 1_000_000, 0.01)).toBe(0);
    expect(binomialDistribution(-1, 10, 0.5)).toBe(0);
    expect(binomialDistribution(10, 10, 0.5)).toBe(1);
  });
});

describe("tests of coverage", () => {
  it("rejects what Kupiec's table rejects, and takes 0 ln 0 for 0", () => {
    expect(kupiecAcceptedExceptions(1000, 0.01, 0.05)).toEqual({ least: 5, most: 16 });
    // docs/sources.md, Backtests of coverage: 3 in 250 give 0.09; none in 255 gives -2 T ln(1 - p).
    expect(kupiecTest(3, 250, 0.01).likelihoodRatio).toBeCloseTo(0.0949, 4);
    expect(kupiecTest(0, 255, 0.01).likelihoodRatio).toBeCloseTo(-2 * 255 * Math.log(0.99), 12);
    expect(kupiecTest(255, 255, 0.01).likelihoodRatio).toBeCloseTo(-2 * 255 * Math.log(0.01), 10);
    expect(() => kupiecTest(3, 2, 0.01)).toThrow("Exceptions are 3 of 2");
    expect(() => kupiecTest(0, 10, 0)).toThrow("The probability of an exception is 0");
  });

  it("is 0 where exceptions fall exactly as often as they should", () => {
    expect(kupiecTest(10, 1000, 0.01)).toEqual({ likelihoodRatio: 0, pValue: 1 });
  });

  it("counts transitions, and breaks the sequence at a gap", () => {
    expect(countTransitions([0, 0, 1, 1, 0])).toEqual({ n00: 1, n01: 1, n10: 1, n11: 1 });
    expect(countTransitions([0, 0, Number.NaN, 1, 1])).toEqual({ n00: 1, n01: 0, n10: 0, n11: 1 });
  });

  it("finds clusters: the same number of exceptions is rejected together and accepted apart", () => {
    const apart = Array.from({ length: 1000 }, (_, index) => (index % 100 === 50 ? 1 : 0));
    const together = Array.from({ length: 1000 }, (_, index) => (index >= 500 && index < 510 ? 1 : 0));
    expect(christoffersenIndependence(countTransitions(apart)).pValue).toBeGreaterThan(0.5);
    expect(christoffersenIndependence(countTransitions(together)).pValue).toBeLessThan(1e-10);
    const joint = conditionalCoverageTest(
      kupiecTest(10, 1000, 0.01),
      christoffersenIndependence(countTransitions(together)),
    );
    expect(joint.likelihoodRatio).toBe(christoffersenIndependence(countTransitions(together)).likelihoodRatio);
  });

  it("agrees with the likelihood written out", () => {
    const count = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(count, count, count, count, (n00, n01, n10, n11) => {
        const term = (hits: number, all: number) =>
          (hits === 0 ? 0 : hits * Math.log(hits / all)) + (hits === all ? 0 : (all - hits) * Math.log(1 - hits / all));
        const all = n00 + n01 + n10 + n11;
        const written = -2 * (term(n01 + n11, all) - term(n01, n00 + n01) - term(n11, n10 + n11));
        const { likelihoodRatio } = christoffersenIndependence({ n00, n01, n10, n11 });
        expect(Math.abs(likelihoodRatio - Math.max(0, written))).toBeLessThan(1e-9);
      }),
      seeded,
    );
  });

  it("shows Basel's zones, and the same share of exceptions in other lengths", () => {
    expect([0, 4, 5, 9, 10].map((x) => trafficLight(x, 250, 0.01).zone)).toEqual([
      "green",
      "green",
      "yellow",
      "yellow",
      "red",
    ]);
    // Basel's printed factors are the normal rescaling rounded up: 0.398 became 0.40.
    expect(trafficLight(20, 1000, 0.01).plusFactor).toBeCloseTo(0.398, 3);
    expect(trafficLight(0, 3, 0.5).zone).toBe("green");
    expect(trafficLight(1000, 1000, 0.01)).toMatchObject({ zone: "red", plusFactor: 1 });
  });
});

describe("coverage and procyclicality", () => {
  it("finds the worst shortfall, and leaves out what is not known", () => {
    expect(measureCoverage([10, 10, Number.NaN, 10], [11, 9, 99, 15])).toEqual({
      observations: 3,
      exceptions: 2,
      coverage: 1 - 2 / 3,
      worst: { index: 3, loss: 15, margin: 10 },
    });
    expect(measureCoverage([], []).coverage).toBeNull();
    expect(() => measureCoverage([1], [])).toThrow("There are 1 margins and 0 losses");
  });

  // docs/sources.md, Anti-procyclicality; the example is by hand.
  it("measures peak to trough and increases, and only within a run", () => {
    const margins = [100, 100, 110, 140, 180, 200, 190, 150, 120, 100];
    const whole = measureProcyclicality(margins, null, [1, 3, 20]);
    expect(whole).toEqual({ peakToTrough: 2, greatestIncreases: [180 / 140 - 1, 200 / 110 - 1, null] });
    const runs = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
    expect(measureProcyclicality(margins, runs, [1]).greatestIncreases).toEqual([140 / 110 - 1]);
    expect(measureProcyclicality([Number.NaN, 0], null, [1])).toEqual({
      peakToTrough: null,
      greatestIncreases: [null],
    });
  });
});
