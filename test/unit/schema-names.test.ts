import { defaultParameters, type MarketSnapshot } from "@plimsoll/risk";
import { nameParameters, nameSnapshot } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

const { snapshotId: _, ...market } = marketSnapshot(
  [underlyingState("BTC", 70_000)],
  [quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, 70_000)],
);

describe("the name of what results rest on (I7)", () => {
  const content: Omit<MarketSnapshot, "snapshotId"> = {
    ...market,
    settlementAverages: [{ underlying: "BTC", expiryMs: 1, averagePrice: 1 }],
    tokens: [{ kind: "redeemable", asset: "SDAI", rate: 1.17 }],
    tokenRates: [{ asset: "SDAI", rates: [{ atMs: 1, rate: 1.1 }] }],
    lapsed: [{ quoted: market.instruments[0]!, indexPrice: 1, markedAtMs: 1 }],
  };
  const name = nameSnapshot(content).snapshotId;

  it("is the same for the same content, whatever the order of its keys", () => {
    expect(name).toMatch(/^20260205T120000000Z-[0-9a-f]{12}$/);
    const reversed = Object.fromEntries(Object.entries(content).reverse()) as typeof content;
    expect(nameSnapshot(reversed).snapshotId).toBe(name);
  });

  it.each(Object.keys(content))("of a snapshot is another one where %s is another", (field) => {
    const value = content[field as keyof typeof content];
    const changed = { ...content, [field]: Array.isArray(value) ? [] : Number(value) + 1 };
    expect(nameSnapshot(changed).snapshotId).not.toBe(name);
  });

  it.each(Object.keys(defaultParameters).filter((field) => field !== "parametersVersion"))(
    "of parameters is another one where %s is another",
    (field) => {
      const { parametersVersion: _, ...parameters } = defaultParameters;
      const value: unknown = parameters[field as keyof typeof parameters];
      const other = Array.isArray(value) ? [...value, 0] : typeof value === "object" ? { ...value, other: 0 } : "other";
      const changed = nameParameters("set", { ...parameters, [field]: other });
      expect(changed.parametersVersion).toMatch(/^set-[0-9a-f]{12}$/);
      expect(changed.parametersVersion).not.toBe(nameParameters("set", parameters).parametersVersion);
    },
  );
});
