import {
  black76Greeks,
  black76IntoScenarios,
  black76Price,
  buildVolatilitySurface,
  inverseOptionGreeks,
  inverseOptionPrice,
  log,
  totalVolatilityOf,
  type VolatilitySurface,
  vegaPerPoint,
  volatilityAt,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { type ChainRow, readDeribitChain } from "../support/deribit-chain.ts";

/**
 * Recorded chains with the largest repricing difference, in coin, that the notes on the data state for them.
 */
const CHAINS = [
  ["20260116T153325Z", 0.0007],
  ["20260204T155401Z", 0.0021],
  ["20260204T213308Z", 0.0021],
  ["20260205T042952Z", 0.0021],
  ["20260205T093647Z", 0.0021],
  ["20260205T155132Z", 0.0021],
  ["20260205T212937Z", 0.0021],
  ["20260206T043012Z", 0.0021],
  ["20260206T093516Z", 0.0021],
  ["20260206T155121Z", 0.0021],
  ["20260206T213057Z", 0.0021],
] as const;

function surfaceOf(rows: readonly ChainRow[], currency: string): VolatilitySurface {
  const byExpiry = Map.groupBy(
    rows.filter((row) => row.currency === currency),
    (row) => row.expiry,
  );
  return buildVolatilitySurface(
    [...byExpiry.values()].map((marks) => ({
      timeToExpiryYears: marks[0]!.years,
      forward: marks[0]!.forward,
      marks,
    })),
  );
}

describe.each(CHAINS)("the Deribit chain of %s", (time, priceTolerance) => {
  const rows = readDeribitChain(time);

  it(`reprices every option within ${priceTolerance} coin`, () => {
    expect(rows.length).toBeGreaterThan(1300);
    for (const row of rows) {
      // A move of the forward between the columns of a row counts strike/forward fold for a put far in the money.
      const price = inverseOptionPrice(row.sign, row.forward, row.strike, row.years, row.markVolatility, 1);
      assertClose(price, row.markPrice, priceTolerance * Math.max(1, (0.5 * row.strike) / row.forward), { ...row });
    }
  });

  it("is NaN-free and non-negative in every scenario of a severe grid", () => {
    const moves = Float64Array.from({ length: 33 }, (_, index) => 0.2 + index * 0.05);
    const logs = moves.map(log);
    const out = new Float64Array(moves.length);
    for (const row of rows) {
      const total = new Float64Array(moves.length).fill(totalVolatilityOf(1.5 * row.markVolatility, row.years));
      black76IntoScenarios(out, 0, out.length, row.sign, row.forward, row.strike, 1, moves, logs, total);
      for (const value of out) {
        if (!(value >= 0 && value <= Math.max(1.8 * row.forward, row.strike))) {
          throw new Error(`value ${value} of ${JSON.stringify(row)}`);
        }
      }
    }
  });

  it.each(["BTC", "ETH"])("makes a %s surface that keeps what it claims", (currency) => {
    const { slices, refusedMarks, refusedExpiries, calendarArbitrage } = surfaceOf(rows, currency);
    expect({ refusedMarks, refusedExpiries }).toEqual({ refusedMarks: [], refusedExpiries: [] });
    expect(slices.length).toBe(12);
    const surface = { slices, refusedMarks, refusedExpiries, calendarArbitrage };
    const fitted = slices.filter((slice) => slice.smile.kind === "svi");
    expect(fitted.length).toBeGreaterThanOrEqual(9);
    for (const { forward, timeToExpiryYears, marks } of fitted) {
      const lowest = forward * Math.exp(marks.logMoneyness[0]!);
      const highest = forward * Math.exp(marks.logMoneyness.at(-1)!);
      const step = (highest - lowest) / 400;
      const call = (strike: number) =>
        black76Price(1, forward, strike, timeToExpiryYears, volatilityAt(surface, strike, timeToExpiryYears), 1);
      for (let strike = lowest; strike < highest - 2 * step; strike += step) {
        const [left, middle, right] = [call(strike), call(strike + step), call(strike + 2 * step)];
        const slack = 1e-14 * forward;
        if (!(left + slack >= middle && left - middle <= step + slack && left - 2 * middle + right >= -4 * slack)) {
          throw new Error(
            `calls fall or bend the wrong way at ${strike}: ${[left, middle, right]}, expiry ${timeToExpiryYears}`,
          );
        }
      }
    }
    const flagged = new Set(calendarArbitrage.map((fall) => fall.laterYears));
    slices.slice(1).forEach((later, index) => {
      if (flagged.has(later.timeToExpiryYears)) return;
      const earlier = slices[index]!;
      const low = Math.max(earlier.marks.logMoneyness[0]!, later.marks.logMoneyness[0]!);
      const high = Math.min(earlier.marks.logMoneyness.at(-1)!, later.marks.logMoneyness.at(-1)!);
      let previous = 0;
      for (let point = 0; point <= 20; point += 1) {
        const k = low + ((high - low) * point) / 20;
        previous = 0;
        for (const share of [0, 0.25, 0.5, 0.75, 1]) {
          const years =
            share === 1
              ? later.timeToExpiryYears
              : earlier.timeToExpiryYears + share * (later.timeToExpiryYears - earlier.timeToExpiryYears);
          const forward = share === 1 ? later.forward : earlier.forward * (later.forward / earlier.forward) ** share;
          const volatility = volatilityAt(surface, forward * Math.exp(k), years);
          const variance = volatility * volatility * years;
          // Between the points of the check a smile may dip by what one of its steps allows.
          if (!(variance >= previous * (1 - 1e-3))) {
            throw new Error(`variance falls from ${previous} to ${variance} at k ${k}, ${years} years`);
          }
          previous = variance;
        }
      }
    });
  });
});

describe("the venue's own sensitivities", () => {
  it("are reproduced on the calm day from its volatilities", () => {
    for (const row of readDeribitChain("20260116T153325Z")) {
      const greeks = black76Greeks(row.sign, row.forward, row.strike, row.years, row.markVolatility, 1);
      // The columns of a row are not of one instant: forward and volatility may have moved by 0.2 % and 0.6 points.
      const deltaMoved = greeks.gamma * 0.002 * row.forward + Math.abs(greeks.vanna) * 0.006;
      const vegaMoved = Math.abs(greeks.vanna) * 0.002 * row.forward + Math.abs(greeks.volga) * 0.006;
      assertClose(greeks.delta, row.delta, 2e-5 + deltaMoved, { ...row });
      assertClose(vegaPerPoint(greeks.vega), row.vega, 1e-4 + 1e-3 * row.vega + vegaPerPoint(vegaMoved), { ...row });
    }
  });

  it("do not subtract the premium from delta, as the data's notes say", () => {
    const rows = readDeribitChain("20260116T153325Z").filter((row) => row.sign === 1 && row.markPrice > 0.2);
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) {
      const { netDelta } = inverseOptionGreeks(1, row.forward, row.strike, row.years, row.markVolatility, 1);
      expect(row.delta - netDelta).toBeGreaterThan(0.15);
    }
  });
});

describe("the surfaces of all recorded chains", () => {
  it("fit SVI to 252 of 264 expiries, and name the reason of the others", () => {
    const counts: Record<string, number> = {};
    for (const [time] of CHAINS) {
      const rows = readDeribitChain(time);
      for (const { smile } of [...surfaceOf(rows, "BTC").slices, ...surfaceOf(rows, "ETH").slices]) {
        const outcome = smile.kind === "svi" ? "svi" : smile.reason;
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
    }
    expect(counts).toEqual({ svi: 252, poor_fit: 10, butterfly_arbitrage: 2 });
  });
});
