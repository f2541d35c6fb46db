import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { graphOf } from "../support/stages.ts";

const run = promisify(execFile);
const checkout = join(import.meta.dirname, "..", "..");

/** What the evaluation, which Node runs without SST's command line, cannot notice. */
describe("the stacks under SST's own command line", () => {
  beforeAll(async () => {
    // Lays SST's types down where they are missing.
    await graphOf("local");
  });

  it("agree with SST's types", async () => {
    const checked = run(join(checkout, "node_modules", ".bin", "tsc"), ["--project", "stacks"], { cwd: checkout });
    await expect(checked.then(({ stdout }) => stdout)).resolves.toBe("");
  }, 300_000);

  it("are imported by a configuration that imports nothing at its top, which SST refuses", () => {
    const config = readFileSync(join(checkout, "sst.config.ts"), "utf8");
    expect(config.split("\n").filter((line) => /^\s*import\s*["'{*\w]/.test(line))).toEqual([]);
    expect(config).toContain('await import("./stacks/');
  });

  it("name the version of SST that is installed", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
      devDependencies: { sst: string };
    };
    expect(readFileSync(join(checkout, "sst.config.ts"), "utf8")).toContain(`version: "${devDependencies.sst}"`);
  });
});
