import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { productExamples } from "../support/product-examples.ts";

const page = readFileSync(new URL("../../docs/methods/products.md", import.meta.url), "utf8");

describe("worked examples of the page on products", () => {
  it.each(Object.entries(productExamples()))("the table of %s stands computed in it", (_name, table) => {
    expect(page).toContain(table);
  });
});
