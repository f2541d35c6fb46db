import { readFileSync } from "node:fs";
import { accountEvent, decodeControls } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";

describe("docs/operations.md", () => {
  it("shows limits that are accepted as they stand", () => {
    const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(operations) ?? [];
    expect(decodeControls(JSON.parse(json)).limits).toMatchObject({ automatic: true, maximumIncrease: 0.5 });
  });

  it("shows a settlement that is taken as it stands", () => {
    const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, json = ""] = /```text\n(\{"kind": "settlement"[\s\S]*?)```/.exec(operations) ?? [];
    expect(accountEvent.parse(JSON.parse(json))).toMatchObject({ kind: "settlement", pool_id: "cross" });
  });
});
