import { stressHistory } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { buildStressHistory } from "../../packages/cli/src/stress/build-stress-history.ts";
import { sharedPath } from "./shared.ts";

describe("the stress history that ships", () => {
  it("is what the script builds from the recorded prices", () => {
    expect(buildStressHistory(sharedPath("data"))).toEqual(stressHistory);
  }, 120_000);
});
