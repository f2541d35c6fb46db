import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dynamicsTable } from "./dynamics-study.ts";

const page = readFileSync(new URL("../../docs/methods/dynamic-parameters.md", import.meta.url), "utf8");

describe("docs/methods/dynamic-parameters.md", () => {
  it.each(["BTC", "ETH"] as const)(
    "shows what the tools would have done to the range of %s",
    (coin) => {
      expect(page).toContain(dynamicsTable(coin));
    },
    120_000,
  );
});
