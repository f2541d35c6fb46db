import { defaultParameters } from "@plimsoll/risk";
import {
  decodeParameters,
  decodeSnapshot,
  decodeToken,
  encodeParameters,
  encodeSnapshot,
  encodeToken,
  nameSnapshot,
  type ParameterSetWire,
  parameterSet,
  quote,
  sourceTokenOf,
} from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { collateralSnapshot } from "../support/collateral.ts";

const wire = encodeParameters(defaultParameters);
type AssetWire = ParameterSetWire["collateral"][number];

function withAsset(asset: string, change: object): unknown {
  return {
    ...wire,
    collateral: wire.collateral.map((entry) => (entry.asset === asset ? { ...entry, ...change } : entry)),
  };
}

function valuationOf(asset: string): AssetWire["valuation"] {
  const valuation = wire.collateral.find((entry) => entry.asset === asset)?.valuation;
  if (valuation === undefined) throw new Error(`no ${asset}`);
  return valuation;
}

const band = (up_to_usd: number | null, haircut: number) => ({ up_to_usd, haircut });

describe("collateral parameters", () => {
  it("that ship keep their contract, and come back as they were", () => {
    expect(decodeParameters(wire)).toEqual(defaultParameters);
  });

  it("without a valuation or rules are priced at the market, with no rule", () => {
    const plain = { asset: "BTC", initial_bands: [band(null, 0.1)], maintenance_bands: [band(null, 0.1)] };
    const read = parameterSet.parse({ ...wire, collateral: [{ ...plain, moves_in_scenarios: true }] });
    expect(read.collateral[0]).toMatchObject({ valuation: { kind: "market" }, wrong_way: null, concentration: null });
  });

  const rule = { underlyings: ["*"], initial_haircut: 0.2, maintenance_haircut: 0.1 };
  const limit = {
    pool_share: 0.5,
    daily_volume_usd: null,
    volume_share: 0.1,
    initial_haircut: 0.2,
    maintenance_haircut: 0.1,
  };

  it.each([
    [
      "maintenance above initial",
      "BTC",
      { maintenance_bands: [band(null, 0.9)] },
      "maintenance_bands",
      "nowhere above",
    ],
    [
      "maintenance above initial between two bounds only",
      "BTC",
      {
        initial_bands: [band(100, 0.1), band(null, 0.2)],
        maintenance_bands: [band(50, 0.1), band(90, 0.15), band(null, 0.1)],
      },
      "maintenance_bands",
      "nowhere above",
    ],
    [
      "maintenance that ends before initial does",
      "BTC",
      { initial_bands: [band(null, 0.1)], maintenance_bands: [band(100, 0.1)] },
      "maintenance_bands",
      "nowhere above",
    ],
    ["bands that fall", "BTC", { initial_bands: [band(100, 0.9), band(50, 0.9)] }, "initial_bands", "rising order"],
    [
      "a band after the last",
      "BTC",
      { initial_bands: [band(null, 0.9), band(50, 0.9)] },
      "initial_bands",
      "null in the last",
    ],
    ["no bands", "BTC", { initial_bands: [] }, "initial_bands", ""],
    ["a haircut above 1", "BTC", { initial_bands: [band(null, 1.1)] }, "initial_bands", ""],
    ["a negative haircut", "BTC", { maintenance_bands: [band(null, -0.1)] }, "maintenance_bands", ""],
    ["a haircut that is no number", "BTC", { initial_bands: [band(null, Number.NaN)] }, "initial_bands", ""],
    [
      "a peg above par",
      "USDC",
      { valuation: { kind: "pegged", depeg_tiers: [{ below_price: 1.1, factor: 1 }] } },
      "valuation",
      "",
    ],
    [
      "a falling depeg tier",
      "USDC",
      { valuation: { kind: "pegged", depeg_tiers: [{ below_price: 0.9, factor: -1 }] } },
      "valuation",
      "",
    ],
    ["a pegged asset that is scanned too", "USDC", { moves_in_scenarios: true }, "moves_in_scenarios", "depeg tiers"],
    [
      "a rate that grows by a tenth a day",
      "WSTETH",
      { valuation: { ...valuationOf("WSTETH"), maximum_growth_per_day: 0.1 } },
      "valuation",
      "",
    ],
    [
      "a fall of more than all",
      "WSTETH",
      { valuation: { ...valuationOf("WSTETH"), maximum_fall: 1.1 } },
      "valuation",
      "",
    ],
    ["an anchor of 0", "WSTETH", { valuation: { ...valuationOf("WSTETH"), anchor_rate: 0 } }, "valuation", ""],
    [
      "a token of a token",
      "WSTETH",
      { valuation: { ...valuationOf("WSTETH"), redeems_into: "SDAI" } },
      "valuation",
      "SDAI is redeemable",
    ],
    [
      "weights that do not add up",
      "ETHUSDCLP",
      {
        valuation: {
          kind: "pool_token",
          parts: [
            { asset: "ETH", weight: 0.5 },
            { asset: "USDC", weight: 0.4 },
          ],
        },
      },
      "valuation",
      "add up to 1",
    ],
    [
      "one asset twice in a pool",
      "ETHUSDCLP",
      {
        valuation: {
          kind: "pool_token",
          parts: [
            { asset: "ETH", weight: 0.5 },
            { asset: "ETH", weight: 0.5 },
          ],
        },
      },
      "valuation",
      "each asset once",
    ],
    [
      "a wrong-way rule milder at first",
      "SOL",
      { wrong_way: { ...rule, initial_haircut: 0.05 } },
      "wrong_way",
      "at or below",
    ],
    ["a wrong-way rule against nothing", "SOL", { wrong_way: { ...rule, underlyings: [] } }, "wrong_way", ""],
    [
      "a concentration rule milder at first",
      "SOL",
      { concentration: { ...limit, initial_haircut: 0 } },
      "concentration",
      "at or below",
    ],
    ["a pool share above 1", "SOL", { concentration: { ...limit, pool_share: 1.2 } }, "concentration", ""],
    ["a volume of 0", "SOL", { concentration: { ...limit, daily_volume_usd: 0 } }, "concentration", ""],
    ["a field we do not know", "SOL", { discount: 0.1 }, "", "discount"],
  ] as const)("with %s are refused by the field", (_what, asset, change, field, message) => {
    const { error } = parameterSet.safeParse(withAsset(asset, change));
    const index = wire.collateral.findIndex((entry) => entry.asset === asset);
    const found = error?.issues.find(
      ({ path }) => path[0] === "collateral" && path[1] === index && (field === "" || path[2] === field),
    );
    expect(found?.message ?? "no issue there").toMatch(message === "" ? /^(?!no issue there)/ : message);
  });

  it("name each asset once", () => {
    const { error } = parameterSet.safeParse({ ...wire, collateral: [...wire.collateral, wire.collateral[0]] });
    expect(error?.issues[0]).toMatchObject({
      path: ["collateral", wire.collateral.length, "asset"],
      message: "each asset once",
    });
  });
});

describe("states of tokens", () => {
  const { snapshotId: _, ...content } = collateralSnapshot();

  it("are part of a snapshot and of its name", () => {
    const named = nameSnapshot(content);
    expect(decodeSnapshot(encodeSnapshot(named))).toEqual(named);
    const { tokens: _tokens, ...without } = content;
    expect(nameSnapshot(without).snapshotId).not.toBe(named.snapshotId);
  });

  it.each([
    ["a rate of 0", { kind: "redeemable", asset: "SDAI", rate: 0 }],
    ["an infinite rate", { kind: "redeemable", asset: "SDAI", rate: Number.POSITIVE_INFINITY }],
    ["one reserve", { kind: "pool_token", asset: "LP", reserves: [{ asset: "ETH", amount: 1 }], total_supply: 1 }],
    [
      "no supply",
      {
        kind: "pool_token",
        asset: "LP",
        reserves: [
          { asset: "ETH", amount: 1 },
          { asset: "USDC", amount: 1 },
        ],
        total_supply: 0,
      },
    ],
  ])("with %s are refused", (_what, token) => {
    expect(() => decodeSnapshot({ ...encodeSnapshot(nameSnapshot(content)), tokens: [token] })).toThrow();
  });

  it("come as quotes in exact decimals, stand alone in a batch, and survive the store", () => {
    const observed = { source: "chain", observedAtMs: content.asOfMs };
    const pool = quote.parse({
      kind: "pool_reserves",
      token: "ETHUSDCLP",
      reserves: [
        { asset: "ETH", amount: "1000.5" },
        { asset: "USDC", amount: "2000000" },
      ],
      total_supply: "40000",
    });
    const rate = quote.parse({ kind: "redemption_rate", token: "WSTETH", rate: "1.223767905094668534" });
    if (pool.kind !== "pool_reserves" || rate.kind !== "redemption_rate") throw new Error("other kinds");
    const read = [sourceTokenOf(observed, pool), sourceTokenOf(observed, rate)];
    expect(read.map(({ state }) => state)).toEqual([
      {
        kind: "pool_token",
        asset: "ETHUSDCLP",
        reserves: [
          { asset: "ETH", amount: 1000.5 },
          { asset: "USDC", amount: 2_000_000 },
        ],
        totalSupply: 40_000,
      },
      { kind: "redeemable", asset: "WSTETH", rate: Number("1.223767905094668534") },
    ]);
    for (const token of read) expect(decodeToken(encodeToken(token))).toEqual(token);
  });

  it.each([
    ["a negative rate", { kind: "redemption_rate", token: "WSTETH", rate: "-1" }, "rate"],
    ["a rate as a number", { kind: "redemption_rate", token: "WSTETH", rate: 1.2 }, "rate"],
    ["no reserves", { kind: "pool_reserves", token: "LP", reserves: [], total_supply: "1" }, "reserves"],
    ["a small name", { kind: "redemption_rate", token: "wstETH", rate: "1.2" }, "token"],
  ])("with %s are refused as quotes", (_what, raw, field) => {
    const { error } = quote.safeParse(raw);
    expect(error?.issues.map(({ path }) => path[0])).toContain(field);
  });
});
