import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastWorth, type WorthByPrice } from "../../packages/risk/src/engine/book/least-worth.ts";

const early = Date.UTC(2026, 2, 27);
const late = Date.UTC(2026, 5, 26);

type Option = WorthByPrice["options"][number];

function option(optionType: "call" | "put", strike: number, size: number, expiryMs = early): Option {
  return { terms: { optionType, strike, expiryMs }, size };
}

const holding = (options: readonly Option[], constant = 0, slope = 0) => leastWorth({ constant, slope, options });

describe("the least worth of a holding", () => {
  it("of known structures is what every textbook says", () => {
    expect(holding([option("call", 100, 2)])).toBe(0);
    expect(holding([option("call", 100, -1)])).toBe(Number.NEGATIVE_INFINITY);
    expect(holding([option("put", 100, -3)])).toBe(-300);
    // Debit and credit spreads, an iron condor, a box and a covered call.
    expect(holding([option("call", 100, 1), option("call", 120, -1)])).toBe(0);
    expect(holding([option("call", 100, -1), option("call", 120, 1)])).toBe(-20);
    expect(
      holding([option("put", 80, 1), option("put", 90, -1), option("call", 110, -1), option("call", 125, 1)]),
    ).toBe(-15);
    expect(
      holding([option("call", 100, 1), option("call", 120, -1), option("put", 120, 1), option("put", 100, -1)]),
    ).toBe(20);
    expect(holding([option("call", 110, -1)], 0, 1)).toBe(0);
    // A coin bought with borrowed 100 and protected by a put.
    expect(holding([option("put", 90, 1)], -100, 1)).toBe(-10);
  });

  it("of a calendar is nothing when the long leg outlives the short, and the strike when it does not", () => {
    for (const type of ["call", "put"] as const) {
      expect(holding([option(type, 100, 1, late), option(type, 100, -1, early)])).toBe(0);
      expect(holding([option(type, 100, 1, early), option(type, 100, -1, late)])).toBe(-100);
    }
    expect(holding([option("call", 90, 1, late), option("call", 100, -1, early)])).toBe(0);
    expect(holding([option("call", 110, 1, late), option("call", 100, -1, early)])).toBe(-10);
  });

  it("forgives sizes whose decimals do not add up in doubles", () => {
    expect(holding([option("call", 100, 0.3), option("call", 110, -0.1), option("call", 120, -0.2)])).toBe(0);
  });

  const strikes = fc.integer({ min: 1, max: 20 }).map((tens) => tens * 10);
  const options = fc.array(
    fc
      .record({
        optionType: fc.constantFrom("call" as const, "put" as const),
        strike: strikes,
        size: fc.integer({ min: -3, max: 3 }),
        expiryMs: fc.constantFrom(early, late),
      })
      .map(({ size, ...terms }): Option => ({ terms, size })),
    { minLength: 1, maxLength: 6 },
  );
  const payout = (held: readonly Option[], price: number) =>
    held.reduce((sum, { terms: { optionType, strike }, size }) => {
      return sum + size * Math.max(0, optionType === "call" ? price - strike : strike - price);
    }, 0);

  it("is reached by the worst of all fair two-step paths over a grid, and none goes below it", () => {
    const grid = Array.from({ length: 31 }, (_, step) => step * 10);
    // With little chance the later price may be anywhere: some worst cases are only reached as it goes to infinity.
    const far = 1e9;
    fc.assert(
      fc.property(options, fc.integer({ min: -2, max: 2 }), (held, slope) => {
        const least = holding(held, 50, slope);
        fc.pre(Number.isFinite(least));
        const at = (expiryMs: number) => held.filter(({ terms }) => terms.expiryMs === expiryMs);
        let worst = Number.POSITIVE_INFINITY;
        for (const first of grid) {
          // The later price is one below and one above the first whose mean it is: a fair game between two outcomes.
          for (const low of grid.filter((price) => price <= first)) {
            for (const high of [...grid.filter((price) => price >= first), far]) {
              const up = high === low ? 0 : (first - low) / (high - low);
              const later = up * payout(at(late), high) + (1 - up) * payout(at(late), low);
              worst = Math.min(worst, 50 + slope * first + payout(at(early), first) + later);
            }
          }
        }
        // A hundred-thousandth of the strikes: at a far price of 1e9 doubles have seven decimals left.
        expect(worst).toBeCloseTo(least, 3);
      }),
      { seed: 20261130, numRuns: 150 },
    );
  });
});
