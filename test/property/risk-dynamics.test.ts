import {
  arrangeHistory,
  type DailyBar,
  defaultDynamicsPolicy,
  defaultParameters,
  followNumber,
  proposeParameters,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const seed = 20_260_205;
const startMs = Date.UTC(2025, 0, 1);

function dateAfter(days: number): string {
  return new Date(startMs + days * 86_400_000).toISOString().slice(0, 10);
}

/** Bars of daily log moves, oldest first. */
function barsOf(moves: readonly number[]): DailyBar[] {
  let close = 100;
  return moves.map((move, day) => {
    const open = close;
    close = open * Math.exp(move);
    return { date: dateAfter(day), open, high: Math.max(open, close), low: Math.min(open, close), close };
  });
}

const moves = fc.array(fc.double({ min: -0.15, max: 0.15, noNaN: true }), { minLength: 70, maxLength: 120 });

function rangeAfter(bars: readonly DailyBar[], date: string) {
  const { moves: made } = proposeParameters({
    current: defaultParameters,
    dayAgo: defaultParameters,
    date,
    histories: [{ underlying: "BTC", bars, implied: [] }],
    policy: defaultDynamicsPolicy,
  });
  const move = made.find(({ subject, field }) => subject === "BTC" && field === "price_scan_range");
  if (move === undefined) throw new Error("no move of BTC");
  return move;
}

describe("parameters that follow volatility", () => {
  it("keep every number between its slow way down and its fast way up, its floor and its cap", () => {
    const rule = { tailMultiplier: 3.8, horizonDays: 1, stressed: 0.5, floor: 0.12, cap: 0.32 };
    const value = fc.double({ min: 0.12, max: 0.32, noNaN: true });
    const volatility = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(value, value, volatility, fc.option(volatility), (from, dayAgo, now, longRun) => {
        const view = { estimates: [{ estimator: "ewma", volatility: now } as const], longRun, incomplete: null };
        const at = { subject: "BTC", field: "price_scan_range", value: from, dayAgo } as const;
        const { to } = followNumber(at, rule, view, defaultDynamicsPolicy);
        expect(to).toBeGreaterThanOrEqual(Math.min(from, dayAgo * 0.98));
        expect(to).toBeLessThanOrEqual(from * 1.5 + 1e-4);
        expect(to).toBeGreaterThanOrEqual(0.12 - 1e-12);
        expect(to).toBeLessThanOrEqual(0.32 + 1e-12);
      }),
      { seed, numRuns: 500 },
    );
  });

  it("do not depend on the order in which bars are given, nor on a bar given twice", () => {
    fc.assert(
      fc.property(moves, fc.nat(), (given, rotation) => {
        const bars = barsOf(given);
        const at = rotation % bars.length;
        const turned = [...bars.slice(at), ...bars.slice(0, at), ...bars.slice(0, 3)];
        const date = dateAfter(given.length);
        expect(rangeAfter(turned, date)).toEqual(rangeAfter(bars, date));
      }),
      { seed, numRuns: 40 },
    );
  });

  it("never fall because the running day is calm, and never for a price in another unit", () => {
    fc.assert(
      fc.property(moves, fc.double({ min: -0.3, max: 0.3, noNaN: true }), (given, today) => {
        const date = dateAfter(given.length);
        const before = rangeAfter(barsOf(given), date);
        const withToday = rangeAfter(barsOf([...given, today]), date);
        expect(withToday.target ?? 0).toBeGreaterThanOrEqual(before.target ?? 0);
        const cents = barsOf(given).map(({ date: on, open, high, low, close }) => {
          return { date: on, open: open * 64, high: high * 64, low: low * 64, close: close * 64 };
        });
        expect(rangeAfter(cents, date)).toEqual(before);
      }),
      { seed, numRuns: 40 },
    );
  });

  it("account for every bar after the first: a return of it, or a reason why there is none", () => {
    fc.assert(
      fc.property(moves, (given) => {
        const { returns, missingDays, refused } = arrangeHistory(barsOf(given));
        expect(missingDays).toBe(0);
        expect(returns.length + refused.length).toBe(given.length - 1);
      }),
      { seed, numRuns: 40 },
    );
  });
});
