import { describe, expect, it } from "vitest";
import { fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

describe("the anti-procyclicality tools", () => {
  it("give the figures of the case", () => {
    expect(notPassed(runCaseJson(fixtureCase("apc_tools_computed")))).toEqual([]);
  });

  it("follow other margins, another buffer and a trigger that the case names", () => {
    const json = fixtureCase("apc_tools_computed");
    json.inputs = { modelMargin: [50, 80, 120, 90], tenYearMargin: [60, 60, 70, 70], stressedMargin: 200 };
    json.params = { bufferFraction: 0.5, stressWeight: 0.4, releaseTrigger: 80 };
    json.expected = {
      optionA_bufferFull: [75, 120, 180, 135],
      optionA_released: [75, 120, 120, 120],
      optionB_weighted: [110, 128, 152, 134],
      optionC_floor: [60, 80, 120, 90],
      peakToTrough: { raw: 2.4, A: 1.6, B: 152 / 110, C: 2 },
      maxOneStepIncrease: { raw: 80 / 50 - 1, A: 0.6, B: 152 / 128 - 1, C: 0.5 },
    };
    expect(notPassed(runCaseJson(json))).toEqual([]);
    json.expected = { optionA_released: [75, 120, 121, 120] };
    expect(notPassed(runCaseJson(json))).toHaveLength(2);
  });
});
