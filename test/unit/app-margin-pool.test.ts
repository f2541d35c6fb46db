import { createMarginEngine, defaultParameters } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { marginPool } from "../../packages/app/src/margin/margin-pool.ts";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

const eth = quotedPerpetual({ instrumentId: "ETH-P", underlying: "ETH" }, 2_000);
const btc = quotedPerpetual({ instrumentId: "BTC-P", underlying: "BTC" }, 40_000);
const underlyings = [underlyingState("BTC", 40_000), underlyingState("ETH", 2_000)];

/** The marks taken as entered at for an account whose entry price is 0 and was first seen at 68,000. */
function assumedIn(instruments: (typeof eth)[], entryPrice: number) {
  const snapshot = marketSnapshot(underlyings, instruments);
  const account = accountWith({
    collateral: [{ asset: "USD", amount: 100_000 }],
    positions: [
      { instrumentId: "BTC-P", quantity: 1, entryPrice, assumedEntryPrice: 68_000 },
      { instrumentId: "ETH-P", quantity: 1, entryPrice: 2_000 },
    ],
  });
  const pool = {
    poolKey: "a",
    accountId: "a",
    poolId: "cross",
    ledgerSequence: 1,
    contents: { poolId: "cross", pool: account, openOrders: [] },
    problem: null,
    stateProblem: null,
    isClosed: false,
  };
  const engine = createMarginEngine(snapshot, defaultParameters);
  const market = { engine, snapshot, parameters: defaultParameters, priced: new Set<string>() };
  const result = marginPool(pool, market);
  return result.status === "margined" ? result.assumedEntries : result;
}

describe("the mark that a position without a usable entry price counts as entered at", () => {
  it("is the first for as long as that stays so, also through a sweep without a mark", () => {
    const first = [{ instrumentId: "BTC-P", price: 68_000 }];
    expect(assumedIn([btc, eth], 0)).toEqual(first);
    expect(assumedIn([eth], 0)).toEqual(first);
  });

  it("is no more once the entry price is known", () => {
    expect(assumedIn([btc, eth], 67_000)).toEqual([]);
  });
});
