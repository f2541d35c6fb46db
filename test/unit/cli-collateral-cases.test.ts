import { methodIds, severities } from "@plimsoll/risk";
import { toNumber } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { caseReport } from "../support/case-report.ts";

async function reportOf(folder: string, portfolio: string) {
  const { methods } = await caseReport(folder, portfolio);
  return methods.filter((method) => method.status === "margined");
}

describe("cases of collateral", () => {
  it("more staked ether against the same loan is no worse than less, under every method", async () => {
    const less = await reportOf("deposit-raises-requirement", "p-3333");
    const more = await reportOf("deposit-raises-requirement", "p-12500");
    expect(less).toHaveLength(methodIds.length);
    for (const [index, method] of more.entries()) {
      expect(toNumber(method.available_funds), method.method_id).toBeGreaterThanOrEqual(
        toNumber(less[index]!.available_funds),
      );
      expect(severities.indexOf(method.severity)).toBeLessThanOrEqual(severities.indexOf(less[index]!.severity));
    }
    for (const methods of [less, more]) {
      expect(methods.find(({ method_id }) => method_id === "portfolio")?.severity).toBe("NORMAL");
    }
  });

  it("a worthless put bought beside puts sold leaves their collateral cut as it was", async () => {
    const before = await reportOf("wrong-way-worthless-put", "before");
    const after = await reportOf("wrong-way-worthless-put", "after");
    expect(after.length).toBeGreaterThan(5);
    for (const method of after) {
      const same = before.find(({ method_id }) => method_id === method.method_id);
      // 800,000 in cash, 487,500 of the coin, less what the puts are worth.
      expect(toNumber(method.margin_balance)).toBeCloseTo(800_000 + 487_500 - 5_000 * 0.43, 6);
      expect(method.margin_balance).toBe(same?.margin_balance);
    }
  });

  it("a stablecoin owed beside another held is asked for, and has call prices, under every method", async () => {
    const methods = await reportOf("peg-leverage", "p");
    expect(methods).toHaveLength(methodIds.length);
    for (const method of methods) {
      expect(toNumber(method.initial_margin), method.method_id).toBeGreaterThan(90_000);
      expect(method.ladder.some(({ underlying, price }) => underlying === "USDC" && price !== null)).toBe(true);
    }
  });
});
