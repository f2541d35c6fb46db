import { describe, expect, it } from "vitest";
import { planStage } from "../../stacks/stage.ts";

describe("what a stage says it is (I10)", () => {
  it.each([
    ["production", "production", "live"],
    ["local", "local", "local"],
    ["pr-7", "preview", "preview:pr-7"],
    ["frank", "personal", "preview:frank"],
    // Names that only look like another kind's.
    ["production-2", "personal", "preview:production-2"],
    ["Production", "personal", "preview:Production"],
    ["live", "personal", "preview:live"],
    ["locals", "personal", "preview:locals"],
    ["pr-7-old", "personal", "preview:pr-7-old"],
    ["pr-0", "personal", "preview:pr-0"],
  ])("of the name %s is %s, and %s in every message", (stage, kind, environment) => {
    expect(planStage(stage)).toMatchObject({ stage, kind, environment });
  });
});
