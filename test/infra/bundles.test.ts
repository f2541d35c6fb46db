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
 * Most bytes of each bundle, a tenth above what it has: a cold start loads all of it, and a package too many shows here. A half of
 * most bundles is AWS's clients; ComputeShard has the whole kernel as well.
 */
const bytesMax: Readonly<Record<string, number>> = {
  AnswerQuestions: 1_055_000,
  AnswerReads: 740_000,
  AuthorizeTraders: 600_000,
  ComputeShard: 1_010_000,
  DescribeApi: 283_000,
  IngestAccounts: 690_000,
  IngestPrices: 665_000,
  IssueTokens: 626_000,
  ProposeParameters: 667_000,
  PublishCalls: 606_000,
  ReportResponsiveness: 875_000,
  RepublishCalls: 606_000,
  RequestAccountStatesOnGap: 614_000,
  RequestAccountStatesOnSchedule: 614_000,
  StartSweepOnRequest: 743_000,
  StartSweepOnSchedule: 743_000,
  TakeAccounts: 796_000,
};

describe("bundles of the handlers", () => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await evaluateStacks({ stage: "local", onProgress: console.info });
  });

  it("have a budget each", () => {
    expect(graph.functions.map(({ logicalName }) => logicalName)).toEqual(Object.keys(bytesMax));
  });

  it.each(Object.entries(bytesMax))("%s stays below %i bytes", (name, bytes) => {
    expect(named(graph.functions, name).bundleBytes).toBeLessThan(bytes);
  });

  it.each(Object.keys(bytesMax))("%s loads alone in a folder, as on Lambda, and has its handler", async (name) => {
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
