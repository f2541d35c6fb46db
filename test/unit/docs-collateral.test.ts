import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { collateralExamples } from "../support/collateral-example.ts";

describe("the page of collateral", () => {
  it.each(Object.entries(collateralExamples()))("shows the table %s as computed", (_name, table) => {
    const page = readFileSync(new URL("../../docs/methods/collateral.md", import.meta.url), "utf8");
    expect(page).toContain(table);
  });
});
