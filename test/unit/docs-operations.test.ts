import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountEvent, decodeControls } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { readParameters, shipped } from "../../packages/cli/src/parameters/read-parameters.ts";

describe("docs/operations.md", () => {
  it("shows limits that are accepted as they stand", () => {
    const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, json = ""] = /```json\n(\{\n {2}"limits"[\s\S]*?)```/.exec(operations) ?? [];
    expect(decodeControls(JSON.parse(json)).limits).toMatchObject({ automatic: true, maximumIncrease: 0.5 });
  });

  it("shows a coin of one's own that a stage takes as it stands", async () => {
    const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, json = ""] = /```json\n(\{\n {2}"scan"[\s\S]*?)```/.exec(operations) ?? [];
    const directory = mkdtempSync(join(tmpdir(), "plimsoll-doge-"));
    const path = join(directory, "doge.json");
    writeFileSync(path, json);
    const set = readParameters(path, { err: () => {} }, { ...shipped, unnamedRows: "kept" });
    rmSync(directory, { recursive: true });
    expect(set.scan.map(({ underlying, priceScanRange }) => [underlying, priceScanRange])).toContainEqual([
      "DOGE",
      0.3,
    ]);
    expect(set.collateral.map(({ asset }) => asset)).toContain("DOGE");
  });

  it("shows a settlement that is taken as it stands", () => {
    const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, json = ""] = /```text\n(\{"kind": "settlement"[\s\S]*?)```/.exec(operations) ?? [];
    expect(accountEvent.parse(JSON.parse(json))).toMatchObject({ kind: "settlement", pool_id: "cross" });
  });
});
