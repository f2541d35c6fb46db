import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exampleTables } from "../support/derive-example.ts";

const page = readFileSync(new URL("../../docs/methods/derive.md", import.meta.url), "utf8");

describe("docs/methods/derive.md", () => {
  it.each(exampleTables().map((table) => [table.split(" | ")[0]?.slice(2), table]))(
    "shows the computed table of the %s",
    (_name, table) => {
      expect(page).toContain(table);
    },
  );
});
