import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..", "..", ".github", "workflows");
const files = readdirSync(folder).sort();
const read = (file: string) => readFileSync(join(folder, file), "utf8");

const pullRequestNumber = `$\{{ github.event.number }}`;

/** Values of a key in a workflow, at any depth, without comments. */
function valuesOf(workflow: string, key: string): string[] {
  return [...workflow.matchAll(new RegExp(`^[ -]*${key}: *(.*?)(?: +#.*)?$`, "gm"))].map((match) => match[1] ?? "");
}

describe("workflows", () => {
  it("are four", () => {
    expect(files).toEqual(["ci.yml", "expired-previews.yml", "preview.yml", "production.yml"]);
  });

  it.each(files)("%s pins every action of others by its commit, with the version beside it", (file) => {
    const uses = read(file)
      .split("\n")
      .filter((line) => /^\s*-?\s*uses:/.test(line))
      .map((line) => line.trim().replace(/^- /, ""));
    expect(uses.length).toBeGreaterThan(0);
    const pinned = /^uses: (\.\/\.github\/workflows\/[a-z]+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;
    expect(uses.filter((line) => !pinned.test(line))).toEqual([]);
  });

  it("pin one action to one commit", () => {
    const commits = new Map<string, Set<string>>();
    for (const use of files.flatMap((file) => valuesOf(read(file), "uses"))) {
      const [action = "", commit = ""] = use.split("@");
      commits.set(action, (commits.get(action) ?? new Set()).add(commit));
    }
    expect([...commits].filter(([, pins]) => pins.size > 1)).toEqual([]);
  });

  it.each(files)("%s names no key and no secret: AWS is reached by a role", (file) => {
    expect(read(file)).not.toMatch(/secrets\.|access-key|AWS_ACCESS_KEY|AWS_SECRET|session-token/i);
  });

  it.each(files)("%s runs no text of a pull request in a shell", (file) => {
    expect(valuesOf(read(file), "run").filter((command) => command.includes("${{"))).toEqual([]);
    expect(read(file)).not.toMatch(/pull_request_target|workflow_run/);
  });

  it.each([
    ["preview.yml", [`stage-pr-${pullRequestNumber}`]],
    ["expired-previews.yml", [`stage-$\{{ matrix.stage }}`]],
    ["production.yml", ["stage-production"]],
  ])("%s deploys and removes its stage in one group that is never cut off", (file, groups) => {
    expect(valuesOf(read(file), "group")).toEqual(groups);
    expect(valuesOf(read(file), "cancel-in-progress")).toEqual(["false"]);
  });

  it.each(["preview.yml", "production.yml"])(
    "%s hands on all that the environment may say of a stage's callers",
    (file) => {
      const stacks = readFileSync(join(folder, "..", "..", "stacks", "callers.ts"), "utf8");
      const names = [...new Set(stacks.match(/PLIMSOLL_\w+/g))];
      expect(names).toHaveLength(4);
      for (const name of names) expect(valuesOf(read(file), name)).toEqual([`$\{{ vars.${name} }}`]);
    },
  );

  it("gives the right to a role to jobs that deploy only, and the right to write to none", () => {
    expect(valuesOf(read("ci.yml"), "id-token")).toEqual([]);
    expect(valuesOf(read("preview.yml"), "id-token")).toEqual(["write"]);
    expect(valuesOf(read("expired-previews.yml"), "id-token")).toEqual(["write"]);
    expect(valuesOf(read("production.yml"), "id-token")).toEqual(["write"]);
    for (const file of files) {
      expect(new Set(valuesOf(read(file), "contents"))).toEqual(new Set(["read"]));
      expect(valuesOf(read(file), "[a-z-]+").filter((value) => value === "write").length).toBe(
        valuesOf(read(file), "id-token").length,
      );
    }
  });

  it("deploy production from main only, after the checks", () => {
    const production = read("production.yml");
    expect(production).toContain("on:\n  push:\n    branches: [main]\n\n");
    expect(valuesOf(production, "needs")).toEqual(["check"]);
    expect(valuesOf(production, "if")).toEqual(["github.ref == 'refs/heads/main'"]);
    expect(valuesOf(production, "environment")).toEqual(["production"]);
    expect(valuesOf(production, "run").filter((command) => command.includes("sst"))).toEqual([
      "npx sst deploy --stage production",
    ]);
  });

  it("deploy a preview while its pull request is open and remove it after", () => {
    const preview = read("preview.yml");
    expect(valuesOf(preview, "types")).toEqual(["[opened, reopened, synchronize, closed]"]);
    expect(valuesOf(preview, "STAGE")).toEqual([`pr-${pullRequestNumber}`]);
    expect(valuesOf(preview, "run").filter((command) => command.includes("sst"))).toEqual([
      'npx sst deploy --stage "$STAGE"',
      'npx sst remove --stage "$STAGE"',
    ]);
    const [deploy, remove] = valuesOf(preview, "if");
    expect(deploy).toContain("github.event.action != 'closed'");
    expect(remove).toContain("github.event.action == 'closed'");
  });

  it("remove previews that expired each night, and only what the script finds", () => {
    const sweeper = read("expired-previews.yml");
    expect(valuesOf(sweeper, "cron")).toEqual(['"17 3 * * *"']);
    expect(valuesOf(sweeper, "STAGE")).toEqual([`$\{{ matrix.stage }}`]);
    expect(valuesOf(sweeper, "stage")).toEqual([`$\{{ fromJSON(needs.find.outputs.stages) }}`]);
    expect(valuesOf(sweeper, "run").filter((command) => /sst|expired/.test(command))).toEqual([
      "node .github/expired-previews.ts resources.json open.txt >stages.json",
      'npx sst remove --stage "$STAGE"',
    ]);
  });

  it("check every change with the script that everyone runs", () => {
    expect(valuesOf(read("ci.yml"), "run")).toEqual([".ci/run"]);
    expect(read("ci.yml")).toContain("on:\n  pull_request:\n  workflow_call:\n");
  });
});
