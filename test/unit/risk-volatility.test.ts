import {
  buildVolatilitySurface,
  durrleman,
  type ExpiryMarks,
  forwardAt,
  isButterflyFree,
  MAX_MARK_VOLATILITY,
  type SviParameters,
  sviTotalVariance,
  volatilityAt,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";

const SMILE: SviParameters = { a: 0.02, b: 0.1, rho: -0.4, m: 0.05, sigma: 0.2 };

/** Axel Vogt's smile, the standard example of an SVI fit with butterfly arbitrage (Gatheral and Jacquier, 2014, 3.1). */
const VOGT: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };

function marksOf(
  svi: SviParameters,
  timeToExpiryYears: number,
  forward: number,
  strikes: number,
  reach = 0.6,
): ExpiryMarks {
  const marks = Array.from({ length: strikes }, (_, index) => {
    const k = reach * ((2 * index) / (strikes - 1) - 1);
    return { strike: forward * Math.exp(k), markVolatility: Math.sqrt(sviTotalVariance(svi, k) / timeToExpiryYears) };
  });
  return { timeToExpiryYears, forward, marks };
}

describe("SVI", () => {
  it("recognises butterfly arbitrage in the published example, and its absence", () => {
    expect(isButterflyFree(VOGT, -1.5, 1.5)).toBe(false);
    expect(durrleman(VOGT, 0.8)).toBeLessThan(0);
    expect(isButterflyFree(SMILE, -1, 1)).toBe(true);
  });

  it("refuses wings steeper than Lee's bound and total variance that falls below 0", () => {
    expect(isButterflyFree({ a: 3, b: 1.6, rho: 0.3, m: 0, sigma: 0.5 }, -0.1, 0.1)).toBe(false);
    expect(isButterflyFree({ a: -0.03, b: 0.1, rho: -0.4, m: 3, sigma: 0.2 }, -0.1, 0.1)).toBe(false);
  });

  it("has the g of its definition, by finite differences of w", () => {
    for (const k of [-0.8, -0.1, 0, 0.05, 0.6]) {
      const h = 1e-4;
      const w = sviTotalVariance(SMILE, k);
      const up = sviTotalVariance(SMILE, k + h);
      const down = sviTotalVariance(SMILE, k - h);
      const slope = (up - down) / (2 * h);
      const curvature = (up - 2 * w + down) / (h * h);
      const expected = (1 - (k * slope) / (2 * w)) ** 2 - (slope * slope * (1 / w + 0.25)) / 4 + curvature / 2;
      assertClose(durrleman(SMILE, k), expected, 1e-6, { k });
    }
  });
});

describe("building a surface", () => {
  it("finds the smile that the marks lie on", () => {
    const { slices } = buildVolatilitySurface([marksOf(SMILE, 0.5, 100, 15)]);
    const smile = slices[0]!.smile;
    if (smile.kind !== "svi") throw new Error(`fell back: ${smile.reason}`);
    expect(smile.rootMeanSquareError).toBeLessThan(1e-4);
    for (const k of [-0.5, 0, 0.33]) {
      assertClose(sviTotalVariance(smile.svi, k), sviTotalVariance(SMILE, k), 1e-4, { k, svi: smile.svi });
    }
  });

  it("is the same whatever the order of expiries and marks", () => {
    const near = marksOf(SMILE, 0.25, 100, 11);
    const far = marksOf({ ...SMILE, a: 0.06 }, 0.75, 101, 13);
    const surface = buildVolatilitySurface([near, far]);
    const reversed = { ...near, marks: near.marks.toReversed() };
    expect(buildVolatilitySurface([far, reversed])).toEqual(surface);
    expect(surface.slices.map((slice) => slice.timeToExpiryYears)).toEqual([0.25, 0.75]);
  });

  it("says why it interpolates", () => {
    const few = buildVolatilitySurface([marksOf(SMILE, 0.5, 100, 6)]);
    expect(few.slices[0]!.smile).toEqual({ kind: "interpolated", reason: "too_few_quotes" });

    const zigzag = marksOf(SMILE, 0.5, 100, 15);
    const marks = zigzag.marks.map((mark, index) => ({ ...mark, markVolatility: index % 2 === 0 ? 0.4 : 0.7 }));
    const poor = buildVolatilitySurface([{ ...zigzag, marks }]);
    expect(poor.slices[0]!.smile).toEqual({ kind: "interpolated", reason: "poor_fit" });

    const cliff = zigzag.marks.map((mark, index) => ({ ...mark, markVolatility: 2.2 - index * 0.14 }));
    const arbitrage = buildVolatilitySurface([{ ...zigzag, timeToExpiryYears: 3, marks: cliff }]);
    expect(arbitrage.slices[0]!.smile).toEqual({ kind: "interpolated", reason: "butterfly_arbitrage" });
  });

  it("moves a fit with butterfly arbitrage to the nearest it finds without", () => {
    const { slices } = buildVolatilitySurface([marksOf(VOGT, 1, 100, 21, 1.5)]);
    const smile = slices[0]!.smile;
    if (smile.kind !== "svi") throw new Error(`fell back: ${smile.reason}`);
    expect(isButterflyFree(smile.svi, -1.5, 1.5)).toBe(true);
    expect(smile.rootMeanSquareError).toBeLessThan(0.005);
  });

  it("leaves out bad marks and lists each with its reason", () => {
    const good = marksOf(SMILE, 0.5, 100, 9);
    const bad = [
      { strike: 100, markVolatility: Number.NaN },
      { strike: 100, markVolatility: 0 },
      { strike: 100, markVolatility: -0.4 },
      { strike: 100, markVolatility: MAX_MARK_VOLATILITY * 1.01 },
      { strike: 100, markVolatility: Number.POSITIVE_INFINITY },
      { strike: 0, markVolatility: 0.4 },
      { strike: Number.NaN, markVolatility: 0.4 },
    ];
    const surface = buildVolatilitySurface([{ ...good, marks: [...bad, ...good.marks] }]);
    expect(surface.slices).toEqual(buildVolatilitySurface([good]).slices);
    expect(surface.refusedMarks.map((mark) => mark.reason)).toEqual([
      "volatility_not_positive",
      "volatility_not_positive",
      "volatility_not_positive",
      "volatility_above_limit",
      "volatility_above_limit",
      "strike_not_positive",
      "strike_not_positive",
    ]);
    expect(surface.refusedMarks.every((mark) => mark.timeToExpiryYears === 0.5)).toBe(true);
  });

  it("leaves out expiries it cannot place", () => {
    const good = marksOf(SMILE, 0.5, 100, 9);
    const surface = buildVolatilitySurface([
      good,
      { ...good, timeToExpiryYears: 0 },
      { ...good, timeToExpiryYears: 0.6, forward: Number.NaN },
      { ...good, timeToExpiryYears: 0.7, marks: [{ strike: 100, markVolatility: -1 }] },
      { ...good, forward: 105 },
    ]);
    expect(surface.slices.length).toBe(1);
    expect(surface.refusedExpiries).toEqual([
      { timeToExpiryYears: 0, reason: "time_not_positive" },
      { timeToExpiryYears: 0.6, reason: "forward_not_positive" },
      { timeToExpiryYears: 0.7, reason: "no_usable_marks" },
      { timeToExpiryYears: 0.5, reason: "same_time_as_another" },
    ]);
  });

  it("takes the mean of a call's and a put's mark", () => {
    const expiry = { timeToExpiryYears: 1, forward: 100 };
    const marks = [0.4, 0.5].map((markVolatility) => ({ strike: 100, markVolatility }));
    assertClose(volatilityAt(buildVolatilitySurface([{ ...expiry, marks }]), 100, 1), 0.45, 1e-15, { marks });
  });

  it("reports where total variance falls with time", () => {
    const flat = (timeToExpiryYears: number, volatility: number): ExpiryMarks => ({
      timeToExpiryYears,
      forward: 100,
      marks: [80, 100, 120].map((strike) => ({ strike, markVolatility: volatility })),
    });
    const falling = buildVolatilitySurface([flat(0.1, 1), flat(0.2, 0.6), flat(0.4, 0.6)]);
    expect(falling.calendarArbitrage.length).toBe(1);
    const [fall] = falling.calendarArbitrage;
    expect([fall?.earlierYears, fall?.laterYears]).toEqual([0.1, 0.2]);
    assertClose(fall?.earlierTotalVariance ?? Number.NaN, 0.1, 1e-15, {});
    assertClose(fall?.laterTotalVariance ?? Number.NaN, 0.072, 1e-15, {});
    expect(buildVolatilitySurface([flat(0.1, 0.6), flat(0.2, 0.6)]).calendarArbitrage).toEqual([]);
  });
});

describe("reading a surface", () => {
  const near: ExpiryMarks = {
    timeToExpiryYears: 0.25,
    forward: 100,
    marks: [
      { strike: 90, markVolatility: 0.6 },
      { strike: 100, markVolatility: 0.5 },
      { strike: 120, markVolatility: 0.7 },
    ],
  };
  const far: ExpiryMarks = {
    timeToExpiryYears: 1,
    forward: 121,
    marks: [{ strike: 121, markVolatility: 0.4 }],
  };
  const surface = buildVolatilitySurface([near, far]);

  it("gives each mark back, and flat volatility beyond the outer strikes", () => {
    for (const { strike, markVolatility } of near.marks) {
      assertClose(volatilityAt(surface, strike, 0.25), markVolatility, 1e-15, { strike });
    }
    assertClose(volatilityAt(surface, 10, 0.25), 0.6, 1e-15, {});
    assertClose(volatilityAt(surface, 1000, 0.25), 0.7, 1e-15, {});
  });

  it("is linear in total variance over log-moneyness between strikes", () => {
    const strike = Math.sqrt(90 * 100);
    const expected = Math.sqrt((0.6 * 0.6 + 0.5 * 0.5) / 2);
    assertClose(volatilityAt(surface, strike, 0.25), expected, 1e-15, { strike });
  });

  it("is linear in total variance over time at constant log-moneyness to the forward of that time", () => {
    assertClose(forwardAt(surface, 0.625), 110, 1e-13, {});
    const expected = Math.sqrt((0.25 * 0.25 + 0.16) / 2 / 0.625);
    assertClose(volatilityAt(surface, 110, 0.625), expected, 1e-14, {});
  });

  it("keeps the nearest volatility and forward before the first and after the last expiry", () => {
    assertClose(volatilityAt(surface, 90, 0.01), 0.6, 1e-15, {});
    assertClose(volatilityAt(surface, 50, 7), 0.4, 1e-15, {});
    expect([forwardAt(surface, 0.01), forwardAt(surface, 7)]).toEqual([100, 121]);
  });

  it("is NaN where it has nothing to say", () => {
    const nothing = buildVolatilitySurface([]);
    expect(volatilityAt(nothing, 100, 1)).toBeNaN();
    expect(forwardAt(nothing, 1)).toBeNaN();
    for (const bad of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY]) {
      expect(volatilityAt(surface, bad, 1)).toBeNaN();
      expect(volatilityAt(surface, 100, bad)).toBeNaN();
      expect(forwardAt(surface, bad)).toBeNaN();
    }
  });
});
