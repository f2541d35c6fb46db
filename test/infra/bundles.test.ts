import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { StageGraph } from "@plimsoll/local";
import { evaluateStacks } from "@plimsoll/local";
import { beforeAll, describe, expect, it } from "vitest";
import { named } from "../support/stages.ts";

const run = promisify(execFile);

/**
 * A cold start loads all of it. The AWS clients are most of it; a package too many shows here. The largest is ComputeShard, which
 * has the whole kernel and, as it asks for another pass when it runs out of time, the client of the queue.
 */
const BUNDLE_BYTES_MAX = 1_320_000;

const functions = [
  "ComputeShard",
  "IngestAccounts",
  "IngestPrices",
  "ProposeParameters",
  "PublishCalls",
  "ReportResponsiveness",
  "RepublishCalls",
  "StartSweepOnRequest",
  "StartSweepOnSchedule",
];

describe("bundles of the handlers", () => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await evaluateStacks({ stage: "local", onProgress: console.info });
  });

  it.each(functions)("%s stays small", (name) => {
    expect(named(graph.functions, name).bundleBytes).toBeLessThan(BUNDLE_BYTES_MAX);
  });

  it.each(functions)("%s loads alone in a folder, as on Lambda, and has its handler", async (name) => {
    const { bundlePath, exportName, environment } = named(graph.functions, name);
    const alone = await mkdtemp(join(tmpdir(), "plimsoll-bundle-"));
    await cp(dirname(bundlePath ?? ""), alone, { recursive: true });
    const script = `
      const handlers = await import(${JSON.stringify(join(alone, "bundle.mjs"))});
      console.log(typeof handlers[${JSON.stringify(exportName)}]);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: alone,
      env: { ...environment, AWS_REGION: "us-east-1" },
    });
    await rm(alone, { recursive: true });
    expect(stdout).toBe("function\n");
  });
});
