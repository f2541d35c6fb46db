import { buildStressHistory } from "@plimsoll/markets";
import { stressHistory } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { sharedPath } from "./shared.ts";

describe("the stress history that ships", () => {
  it("is what the script builds from the recorded prices", () => {
    expect(buildStressHistory(sharedPath("data"))).toEqual(stressHistory);
  }, 120_000);
});
