import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

describe("Kupiec and the Basel traffic light", () => {
  it.each([
    ["kupiec_pof_nonrejection_regions", 16],
    ["basel_traffic_light", 39],
  ])("give every figure of %s", (name, figures) => {
    const report = runCaseJson(fixtureCase(name));
    expect(notPassed(report)).toEqual([]);
    expect(report.figures.length).toBeGreaterThanOrEqual(figures);
  });

  it("compute a single number of exceptions, at another level of the test", () => {
    const json = fixtureCase("basel_traffic_light");
    json.inputs = { failures: 3, T: 250, p: 0.01 };
    json.params = { testLevel: 0.01 };
    json.expected = { LR_pof: 0, reject: true, zone: "red", criticalPof: 0 };
    const figures = computedFigures(json);
    expect(figures.LR_pof).toBeCloseTo(0.0949, 4);
    expect(figures).toMatchObject({ reject: false, zone: "green" });
    expect(figures.criticalPof).toBeCloseTo(6.6349, 4);
  });
});

describe("Christoffersen", () => {
  it("computes a sequence, and the transition counts of it alike", () => {
    const sequence = Array.from({ length: 250 }, (_, index) => ([10, 11, 100].includes(index) ? 1 : 0));
    const json = fixtureCase("basel_traffic_light");
    json.expected = { LR_ind: 0, pi01: 0, pi11: 0, n01: 0 };
    json.inputs = { exceptions: sequence, p: 0.01, T: 250 };
    const fromSequence = computedFigures(json);
    json.inputs = { n00: 245, n01: 2, n10: 1, n11: 1 };
    expect(fromSequence.n01).toBe(2);
    expect(fromSequence.LR_ind).toBeGreaterThan(3.8);
    json.expected = { LR_ind: 0, pi01: 0, pi11: 0 };
    const fromCounts = computedFigures(json);
    // The third exception is followed by none: 245 + 2 + 1 + 1 transitions, and one of them is 1 to 0 more.
    json.inputs = { n00: 244, n01: 2, n10: 2, n11: 1 };
    expect(computedFigures(json).LR_ind).toBe(fromSequence.LR_ind);
    expect(fromCounts.LR_ind).not.toBe(fromSequence.LR_ind);
    json.inputs = { n00: 244, n01: 2, n10: 2, n11: 1, p: 0.01 };
    json.expected = { LR_cc: 0, LR_pof: 0, LR_ind: 0, rejectCc: true };
    const joint = computedFigures(json) as Record<string, number>;
    expect(joint.LR_cc).toBe(joint.LR_pof! + joint.LR_ind!);
  });

  it("names what is wrong with a case", () => {
    const json = fixtureCase("basel_traffic_light");
    json.inputs = { n00: -1, n01: 2, n10: 2, n11: 1 };
    expect(runCaseJson(json).reason).toContain("inputs.n00");
  });
});
