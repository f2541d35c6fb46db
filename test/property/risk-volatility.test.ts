import {
  buildVolatilitySurface,
  type ExpiryMarks,
  forwardAt,
  isButterflyFree,
  type SviParameters,
  sviTotalVariance,
  volatilityAt,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, it } from "vitest";
import { assertClose } from "../support/close.ts";

const SEED = 20260206;
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Smiles without butterfly arbitrage, at-the-money volatility about 20 % to 200 %, seen over four deviations to each side. */
const smile = fc
  .record({
    years: between(0.01, 2),
    level: between(0.2, 2),
    slope: between(0.05, 0.8),
    rho: between(-0.8, 0.8),
    centre: between(-1, 1),
    width: between(0.3, 2),
    count: fc.integer({ min: 9, max: 40 }),
  })
  .map(({ years, level, slope, rho, centre, width, count }) => {
    const deviation = level * Math.sqrt(years);
    const b = slope * deviation;
    const sigma = width * deviation;
    const m = centre * deviation;
    const svi: SviParameters = { a: deviation * deviation - b * sigma, b, rho, m, sigma };
    return { years, svi, reach: 4 * deviation, count };
  })
  .filter(({ svi, reach }) => isButterflyFree(svi, -reach, reach));

type Smile = typeof smile extends fc.Arbitrary<infer T> ? T : never;

function volatilityOf({ svi, years }: Smile, k: number): number {
  return Math.sqrt(sviTotalVariance(svi, k) / years);
}

function marksOf(made: Smile, forward: number): ExpiryMarks {
  const { years, reach, count } = made;
  const marks = Array.from({ length: count }, (_, index) => {
    const k = reach * ((2 * index) / (count - 1) - 1);
    return { strike: forward * Math.exp(k), markVolatility: volatilityOf(made, k) };
  });
  return { timeToExpiryYears: years, forward, marks };
}

describe("a surface made from marks that lie on SVI smiles", () => {
  it("fits them and gives them back between the marks", () => {
    fc.assert(
      fc.property(smile, between(-1, 1), (made, position) => {
        const surface = buildVolatilitySurface([marksOf(made, 1000)]);
        const fitted = surface.slices[0]!.smile;
        if (fitted.kind !== "svi") throw new Error(`fell back: ${fitted.reason}`);
        const k = position * made.reach;
        const expected = volatilityOf(made, k);
        assertClose(volatilityAt(surface, 1000 * Math.exp(k), made.years), expected, 0.01 * expected, { ...made, k });
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  it("does not depend on the unit of prices", () => {
    fc.assert(
      fc.property(smile, between(-1, 1), (made, position) => {
        const strike = Math.exp(position * made.reach);
        const small = volatilityAt(buildVolatilitySurface([marksOf(made, 1)]), strike, made.years);
        const large = volatilityAt(buildVolatilitySurface([marksOf(made, 4096)]), 4096 * strike, made.years);
        assertClose(large, small, 1e-9 * small, { ...made, strike });
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("lies between its neighbours in total variance and forward at any time between them", () => {
    fc.assert(
      fc.property(smile, between(0, 1), between(-1, 1), (made, share, position) => {
        const later = { ...made, years: 2 * made.years, svi: { ...made.svi, a: made.svi.a + made.svi.b } };
        const surface = buildVolatilitySurface([marksOf(made, 1000), marksOf(later, 1100)]);
        const years = made.years * (1 + share);
        const forward = forwardAt(surface, years);
        assertClose(forward, 1000 * 1.1 ** share, 1e-12 * forward, { share });
        const k = position * made.reach;
        const at = (time: number) => volatilityAt(surface, forwardAt(surface, time) * Math.exp(k), time) ** 2 * time;
        const expected = (1 - share) * at(made.years) + share * at(later.years);
        assertClose(at(years), expected, 1e-11 * expected, { ...made, share, k });
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});
