import { readFileSync } from "node:fs";
import {
  accruedFunding,
  accrueFunding,
  hourlyFundingRate,
  impactPremium,
  type TimedSample,
  timeWeightedAverage,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { fixturePath } from "../support/fixtures.ts";

const hour = 3_600_000;

describe("funding rates", () => {
  it("match Derive's contract: premium of the impact prices, static rate, cap", () => {
    const vector = JSON.parse(readFileSync(fixturePath("vectors/derive_perp_funding.json"), "utf8"));
    const { convergencePeriodHours, staticHourlyRate, hourlyCap } = vector.params;
    const parameters = { convergenceHours: convergencePeriodHours, staticHourlyRate, hourlyCap };
    for (const [index, { index: price, impactBid, impactAsk }] of vector.inputs.cases.entries()) {
      const rate = hourlyFundingRate(impactPremium(price, impactBid, impactAsk), parameters);
      assertClose(rate, vector.expected.hourlyRate[index], vector.tolerance.absolute, { index });
    }
  });
});

describe("time-weighted averages", () => {
  const samples: TimedSample[] = [
    { atMs: 0, value: 100 },
    { atMs: 600, value: 200 },
    { atMs: 900, value: 50 },
  ];

  it("weigh each value by the time it held", () => {
    expect(timeWeightedAverage(samples, 0, 1000)).toBe((100 * 600 + 200 * 300 + 50 * 100) / 1000);
    expect(timeWeightedAverage(samples, 700, 800)).toBe(200);
    expect(timeWeightedAverage(samples, 2000, 3000)).toBe(50);
  });

  it("are additive over time, and the same when a sample is repeated", () => {
    const whole = timeWeightedAverage(samples, 100, 1000) * 900;
    const parts = timeWeightedAverage(samples, 100, 650) * 550 + timeWeightedAverage(samples, 650, 1000) * 350;
    assertClose(parts, whole, 1e-9, {});
    const repeated = [...samples.slice(0, 2), { atMs: 700, value: 200 }, ...samples.slice(2)];
    assertClose(timeWeightedAverage(repeated, 100, 1000) * 900, whole, 1e-9, {});
  });

  it("refuse a gap, disorder and an empty interval by name", () => {
    expect(() => timeWeightedAverage([], 0, 1)).toThrow(
      "samples[0].atMs is undefined; give a sample from at or before 0",
    );
    expect(() => timeWeightedAverage(samples, -1, 1)).toThrow("samples[0].atMs is 0");
    expect(() => timeWeightedAverage([...samples].reverse(), 950, 1000)).toThrow("sort them");
    expect(() => timeWeightedAverage(samples, 5, 5)).toThrow("toMs is 5; it must be after fromMs, 5");
  });
});

describe("accrued funding", () => {
  it("is value x rate x time, of the coin where the contract pays coin", () => {
    const linear = { settlement: "linear", contractSize: 0.1 } as const;
    const inverse = { settlement: "inverse", contractSize: 10 } as const;
    assertClose(accrueFunding(linear, 60_000, 0.0001, 0, 3 * hour), 0.1 * 60_000 * 0.0001 * 3, 1e-12, {});
    assertClose(accrueFunding(inverse, 60_000, 0.0001, 0, 3 * hour), (10 / 60_000) * 0.0001 * 3, 1e-18, {});
    expect(accrueFunding(linear, 60_000, -0.0001, 0, hour)).toBeLessThan(0);
  });

  it("is paid by longs to shorts to the last unit", () => {
    expect(accruedFunding(3, 12.5, 10)).toBe(-7.5);
    expect(accruedFunding(-3, 12.5, 10)).toBe(7.5);
    expect(accruedFunding(3, 10, 10)).toBe(0);
  });
});
