import { buildSnapshot, defaultOracleParameters, type OracleParameters, type SourceToken } from "@plimsoll/oracle";
import type { TokenState } from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { asOfMs as nowMs } from "../support/market.ts";

const parameters: OracleParameters = {
  ...defaultOracleParameters,
  quoteMaxAgeMs: 60_000,
  instrumentsPerSnapshot: 5_000,
};
const minute = 60_000;

function rate(source: string, value: number, ageMs = 0): SourceToken {
  return { source, observedAtMs: nowMs - ageMs, state: { kind: "redeemable", asset: "WSTETH", rate: value } };
}

function pool(source: string, coins: number, ageMs = 0): SourceToken {
  const reserves = [
    { asset: "ETH", amount: coins },
    { asset: "USDC", amount: 2_000_000_000 / coins },
  ];
  return {
    source,
    observedAtMs: nowMs - ageMs,
    state: { kind: "pool_token", asset: "WSTETH", reserves, totalSupply: 1_000 },
  };
}

function tokensOf(tokens: readonly SourceToken[]): readonly TokenState[] | undefined {
  return buildSnapshot([{ underlying: "WSTETH", index: [], marks: [], tokens }], nowMs, null, parameters).tokens;
}

describe("the state of a token in a snapshot", () => {
  it("is the lowest fresh rate: a doubt counts against the holder", () => {
    expect(tokensOf([rate("a", 1.21), rate("b", 1.19, minute), rate("c", 1.2)])).toEqual([rate("b", 1.19).state]);
  });

  it("is not known any more when every reading is old, and then not in the snapshot", () => {
    expect(tokensOf([rate("a", 1.21, 16 * minute), rate("b", 1.2, 10 * minute)])).toEqual([rate("b", 1.2).state]);
    expect(tokensOf([rate("a", 1.21, 15 * minute + 1)])).toBeUndefined();
    expect(tokensOf([])).toBeUndefined();
  });

  it("is the newest reading of a pool's reserves", () => {
    expect(tokensOf([pool("a", 900, minute), pool("b", 1_100), pool("c", 1_000, 2 * minute)])).toEqual([
      pool("b", 1_100).state,
    ]);
  });

  it("stands beside the market price of the token", () => {
    const index = [{ source: "a", observedAtMs: nowMs, indexPrice: 2_390 }];
    const tokens = [rate("chain", 1.2)];
    const snapshot = buildSnapshot([{ underlying: "WSTETH", index, marks: [], tokens }], nowMs, null, parameters);
    expect(snapshot.currencies).toContainEqual({ currency: "WSTETH", priceUsd: 2_390 });
    expect(snapshot.tokens).toEqual([rate("chain", 1.2).state]);
  });

  it("is kept for no more tokens than a snapshot's contract takes", () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      underlying: `T${String(index).padStart(3, "0")}`,
      index: [],
      marks: [],
      tokens: [rate("a", 1 + index)],
    }));
    expect(buildSnapshot(many, nowMs, null, parameters).tokens).toHaveLength(limits.collateralTokens);
  });
});
