import { describe, expect, it } from "vitest";
import { resultsThatFit } from "../../packages/api/src/handlers/what-if.ts";

describe("the results that fit into one answer", () => {
  const result = { index: 0, text: 'a "quoted" text' };
  const bytes = JSON.stringify(JSON.stringify(result)).length;
  const many = Array.from({ length: 10 }, () => result);

  it("are as many as the size allows, counted as the text of a body", () => {
    expect(resultsThatFit(many, 10 * bytes)).toHaveLength(10);
    expect(resultsThatFit(many, 10 * bytes - 1)).toHaveLength(9);
  });

  it("are one at least, so that the next request goes on", () => {
    expect(resultsThatFit(many, 1)).toHaveLength(1);
    expect(resultsThatFit([], 1)).toEqual([]);
  });
});
