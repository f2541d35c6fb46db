import { toNumber } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { caseReport } from "../support/case-report.ts";

describe("one bought call, paid for, without a debt", () => {
  it.each([
    ["no-cash", "market", "11.13"],
    ["cash6", "market", "11.13"],
    ["cash6", "market-62000", "224.49"],
    ["atm", "market-atm", "3119.57"],
  ])("%s in %s is NORMAL under every method, and our own ask at most its price", async (portfolio, market, worth) => {
    const report = await caseReport("long-option", portfolio, market);
    const margined = report.methods.filter((method) => method.status === "margined");
    // Eleven methods margin a call that settles in USDC.
    expect(margined.length).toBeGreaterThanOrEqual(11);
    for (const method of margined) {
      expect(method.severity, method.method_id).toBe("NORMAL");
      for (const { price } of method.ladder) expect(price, method.method_id).toBeNull();
      if (!["static", "portfolio", "var"].includes(method.method_id)) continue;
      expect(toNumber(method.initial_margin), method.method_id).toBeLessThanOrEqual(toNumber(worth));
    }
  });
});
