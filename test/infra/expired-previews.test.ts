import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findExpiredPreviews, readPullRequests, type TaggedResources } from "../../.github/expired-previews.ts";
import { planStage, stageTags } from "../../stacks/stage.ts";

const deployedOn = new Date("2026-02-05T22:00:00Z");

/** Resources as a deployment of these stages tags them. */
function deployed(...stages: readonly (readonly [stage: string, at?: Date])[]): TaggedResources {
  return {
    ResourceTagMappingList: stages.map(([stage, at = deployedOn], index) => ({
      ResourceARN: `arn:aws:sqs:eu-west-1:000000000000:${stage}-${index}`,
      Tags: Object.entries(stageTags(planStage(stage), at)).map(([Key, Value]) => ({ Key, Value })),
    })),
  };
}

describe("expired previews", () => {
  it("are those whose pull request is not open, each once, by number", () => {
    const resources = deployed(["pr-10"], ["pr-9"], ["pr-9"], ["pr-7"]);
    expect(findExpiredPreviews(resources, new Set([7]), "2026-02-06")).toEqual(["pr-9", "pr-10"]);
  });

  it("are those past the day of their last deployment plus fourteen, open or not", () => {
    const open = new Set([7]);
    expect(findExpiredPreviews(deployed(["pr-7"]), open, "2026-02-19")).toEqual([]);
    expect(findExpiredPreviews(deployed(["pr-7"]), open, "2026-02-20")).toEqual(["pr-7"]);
    const again = deployed(["pr-7"], ["pr-7", new Date("2026-02-18T00:00:00Z")]);
    expect(findExpiredPreviews(again, open, "2026-02-20")).toEqual([]);
  });

  it("are not those of which a key alone is left, which AWS deletes days later", () => {
    const { ResourceTagMappingList: resources } = deployed(["pr-9"]);
    const key = resources.map(({ Tags }) => ({ ResourceARN: "arn:aws:kms:eu-west-1:000000000000:key/1", Tags }));
    expect(findExpiredPreviews({ ResourceTagMappingList: key }, new Set(), "2026-02-06")).toEqual([]);
    const both = { ResourceTagMappingList: [...key, ...resources] };
    expect(findExpiredPreviews(both, new Set(), "2026-02-06")).toEqual(["pr-9"]);
  });

  it("are never production, anyone's own stage, or what carries another's tags", () => {
    const preview = (stage: string) => [
      { Key: "plimsoll:stage", Value: stage },
      { Key: "plimsoll:kind", Value: "preview" },
      { Key: "plimsoll:expires-on", Value: "2020-01-01" },
    ];
    const lies = ["production", "frank", "pr-0", "pr-1x", "pr-1; rm", ""].map((stage) => ({
      ResourceARN: "arn",
      Tags: preview(stage),
    }));
    const { ResourceTagMappingList: honest } = deployed(["production"], ["frank"], ["local"]);
    const all = { ResourceTagMappingList: [...lies, ...honest, { ResourceARN: "arn", Tags: [] }] };
    expect(findExpiredPreviews(all, new Set(), "2026-03-01")).toEqual([]);
  });

  it("need a list of pull requests that can be read", () => {
    expect(readPullRequests("7\n12\n")).toEqual(new Set([7, 12]));
    expect(readPullRequests("")).toEqual(new Set());
    expect(() => readPullRequests('{"message":"Bad credentials"}')).toThrow(/Bad credentials.*one a line/);
  });
});

describe("the script of the workflow", () => {
  const folder = mkdtempSync(join(tmpdir(), "expired-previews-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(resources: string, pullRequests: string) {
    writeFileSync(join(folder, "resources.json"), resources);
    writeFileSync(join(folder, "open.txt"), pullRequests);
    const script = join(import.meta.dirname, "..", "..", ".github", "expired-previews.ts");
    const files = ["resources.json", "open.txt"].map((file) => join(folder, file));
    return spawnSync(process.execPath, [script, ...files], { encoding: "utf8" });
  }

  it("prints the stages as one line of JSON, and fails rather than guess", () => {
    const resources = JSON.stringify(deployed(["pr-10"], ["pr-9"]));
    expect(run(resources, "").stdout).toBe('["pr-9","pr-10"]\n');
    expect(run('{"ResourceTagMappingList":[]}', "").stdout).toBe("[]\n");
    expect(run(resources, "no number").status).toBe(1);
    expect(run("", "").status).toBe(1);
  });
});
