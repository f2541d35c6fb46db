import { createMarginEngine, defaultParameters, type Pool, type PoolResult, type Position } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

const engine = createMarginEngine(chain, defaultParameters);

const btc = { instrumentId: "BTC_USDC-PERPETUAL", quantity: 2, entryPrice: 68_000 };
const eth = { instrumentId: "ETH_USDC-PERPETUAL", quantity: -5, entryPrice: 2_000 };
const base = accountWith({ collateral: [{ asset: "USD", amount: 50_000 }], positions: [btc, eth] });

function greeksOf(result: PoolResult, underlying: string) {
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result.units.find((unit) => unit.underlying === underlying)?.greeks;
}

/** Returns whether the unit of ETH is that of the base in the results of two pools, and not summed again for each. */
function sharesEth(pool: Pool, other: Pool = base): boolean {
  const marginOf = engine.marginChanges(base);
  expect(marginOf(pool)).toStrictEqual(engine.margin(pool));
  return greeksOf(marginOf(pool), "ETH") === greeksOf(marginOf(other), "ETH");
}

const withFills = (...positions: readonly Position[]): Pool => ({ ...base, positions });

describe("a pool that differs from a base in few holdings", () => {
  it("takes the units from the base whose positions are the same", () => {
    expect(sharesEth(withFills(btc, eth, { ...btc, quantity: -1 }))).toBe(true);
    expect(sharesEth(withFills(eth))).toBe(true);
    expect(sharesEth({ ...base, collateral: [{ asset: "USD", amount: 40_000 }] })).toBe(true);
    expect(sharesEth(withFills(btc, { ...eth, quantity: -6 }))).toBe(false);
  });

  it("recognises a position by what it is, not by the object that holds it", () => {
    expect(sharesEth(withFills({ ...btc }, { ...eth }, { ...btc, quantity: 7 }))).toBe(true);
  });

  it("is margined anew if it differs in more than 32 positions, or by a method or currency of its own", () => {
    const many = Array.from({ length: 33 }, (_, place) => ({ ...btc, quantity: place + 1 }));
    expect(sharesEth(withFills(btc, eth, ...many.slice(1)))).toBe(true);
    expect(sharesEth(withFills(btc, eth, ...many))).toBe(false);
    expect(sharesEth({ ...base, methodId: "standard" })).toBe(false);
    expect(sharesEth({ ...base, poolCurrency: "USDC" })).toBe(false);
  });

  it("is margined anew if something new in it has a fault, with the reason that margin gives", () => {
    expect(sharesEth(withFills(btc, eth, { ...btc, entryPrice: Number.NaN }))).toBe(false);
    expect(sharesEth(withFills(btc, eth, { ...btc, instrumentId: "BTC-9MAR99" }))).toBe(false);
    expect(sharesEth({ ...base, collateral: [...base.collateral, { asset: "XYZ", amount: 1 }] })).toBe(false);
  });

  it("has bounds of its own on what a unit can lose, where a coin covers what it has sold", () => {
    const sold = { instrumentId: "BTC-8D-67985-call-linear", quantity: -1, entryPrice: 900 };
    const heldBtc = (amount: number): Pool => ({
      ...withFills(sold),
      collateral: [
        { asset: "USD", amount: 1_000 },
        { asset: "BTC", amount },
      ],
    });
    const marginOf = engine.marginChanges(heldBtc(2));
    for (const amount of [2, 1, 0.5]) expect(marginOf(heldBtc(amount))).toStrictEqual(engine.margin(heldBtc(amount)));
  });

  it("has no bound where calls are sold and no coin is held, however little is sold", () => {
    // So little that the full search takes it for rounding, which a pool without a coin is spared.
    const bought = { instrumentId: "ETH-141D-1985-call-linear", quantity: 1e8, entryPrice: 300 };
    const sold = { instrumentId: "ETH-8D-1985-call-linear", quantity: -100_000_000.00001, entryPrice: 80 };
    const heldBtc = (amount: number): Pool => ({
      ...withFills(bought, sold),
      collateral: [{ asset: "BTC", amount }],
    });
    const marginOf = engine.marginChanges(heldBtc(1));
    for (const amount of [1, -1]) expect(marginOf(heldBtc(amount))).toStrictEqual(engine.margin(heldBtc(amount)));
  });

  it("keeps its bits after the engine has freed its arrays", () => {
    const marginOf = engine.marginChanges(base);
    engine.release();
    const changed = withFills(btc, eth, { ...eth, quantity: 2 });
    expect(marginOf(changed)).toStrictEqual(engine.margin(changed));
  });

  it("is margined anew if the base itself has a fault or cannot be margined", () => {
    const faulty = withFills(btc, { ...eth, quantity: Number.NaN });
    const refused: Pool = { ...base, poolCurrency: "XYZ" };
    for (const pool of [faulty, refused]) {
      const marginOf = engine.marginChanges(pool);
      expect(marginOf(base)).toStrictEqual(engine.margin(base));
      expect(marginOf(pool)).toStrictEqual(engine.margin(pool));
    }
  });
});
