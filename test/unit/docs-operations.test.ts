import { readFileSync } from "node:fs";
import { decodeControls } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";

describe("docs/operations.md", () => {
  it("shows limits that are accepted as they stand", () => {
    const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(operations) ?? [];
    expect(decodeControls(JSON.parse(json)).limits).toMatchObject({ automatic: true, maximumIncrease: 0.5 });
  });
});
