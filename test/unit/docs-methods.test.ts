import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { methodExamples } from "../support/method-examples.ts";

const pageOf = (name: string) => (name === "account-ratio" ? name : (name.split("-")[0] ?? name));

describe("worked examples of the method pages", () => {
  it.each(Object.entries(methodExamples()))("%s stands computed in its page", (name, table) => {
    const page = readFileSync(new URL(`../../docs/methods/${pageOf(name)}.md`, import.meta.url), "utf8");
    expect(page).toContain(table);
  });
});
