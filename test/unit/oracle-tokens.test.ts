import { buildSnapshot, defaultOracleParameters, type OracleParameters, type SourceToken } from "@plimsoll/oracle";
import type { MarketSnapshot, TokenState } from "@plimsoll/risk";
import { decodeSnapshot, encodeSnapshot, limits, nameSnapshot } from "@plimsoll/schema";
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

describe("the rates of days before", () => {
  const day = 24 * 60 * minute;
  const next = (previous: MarketSnapshot | null, asOfMs: number, value: number | null): MarketSnapshot => {
    const state = { kind: "redeemable", asset: "WSTETH", rate: value ?? 1 } as const;
    const tokens = value === null ? [] : [{ source: "a", observedAtMs: asOfMs, state }];
    const quotes = [{ underlying: "WSTETH", index: [], marks: [], tokens }];
    return nameSnapshot(buildSnapshot(quotes, asOfMs, previous, parameters));
  };

  it("are the first that a snapshot pinned of each day, seven of them, never that of now", () => {
    let snapshot: MarketSnapshot | null = null;
    expect(next(null, nowMs, 1.2).tokenRates).toBeUndefined();
    for (let at = 0; at <= 40; at += 1) snapshot = next(snapshot, nowMs + (at * day) / 4, 1 + at / 1_000);
    const [kept] = snapshot?.tokenRates ?? [];
    expect(kept?.asset).toBe("WSTETH");
    // Snapshots at 12, 18, 0 and 6 o'clock: the first of a day is the third of four.
    expect(kept?.rates).toEqual(
      [14, 18, 22, 26, 30, 34, 38].map((at) => ({ atMs: nowMs + (at * day) / 4, rate: 1 + at / 1_000 })),
    );
  });

  it("outlast readings that fail, and come back as they were from the wire", () => {
    let snapshot = next(null, nowMs, 1.2);
    for (let at = 1; at <= 5; at += 1) snapshot = next(snapshot, nowMs + at * day, 1.2);
    const silent = next(next(snapshot, nowMs + 5.1 * day, null), nowMs + 9 * day, null);
    expect(silent.tokens).toBeUndefined();
    expect(silent.tokenRates).toEqual([{ asset: "WSTETH", rates: expect.any(Array) }]);
    expect(silent.tokenRates?.[0]?.rates).toHaveLength(6);
    expect(decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(silent))))).toEqual(silent);
  });
});
