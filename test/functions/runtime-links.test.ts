import { describe, expect, it, vi } from "vitest";
import { getLink } from "../../packages/runtime/src/links.ts";

const linked = vi.hoisted((): Record<string, unknown> => ({}));
vi.mock("sst", () => ({ Resource: linked }));

const settings = {
  stage: "frank",
  shardCount: 4,
  priceTriggerBps: 50,
  quoteMaxAgeMs: 60_000,
  rolesClaim: "plimsoll_roles",
};

function environmentOf(environment: unknown): string {
  linked.StageSettings = { ...settings, environment };
  return getLink("StageSettings").environment;
}

describe("the settings that a stage's functions are linked to", () => {
  it.each(["live", "local", "preview:pr-7"])("say of which kind it is: %s (I10)", (environment) => {
    expect(environmentOf(environment)).toBe(environment);
  });

  // What is neither a preview's name nor the local stage's would be told as if it were real.
  it.each(["", "preview", "preview:", "production", "Live", "lively", undefined])(
    "never say %s (I10)",
    (environment) => {
      expect(() => environmentOf(environment)).toThrow("Link StageSettings is not what the stacks declare");
    },
  );

  it("have at most 1,024 shards", () => {
    linked.StageSettings = { ...settings, environment: "local", shardCount: 1_025 };
    expect(() => getLink("StageSettings")).toThrow(/<=1024[\s\S]*shardCount/);
  });
});
