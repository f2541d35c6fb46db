import { defaultParameters, stressedSymbolsOf } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { collateralSnapshot } from "../support/collateral.ts";

describe("what there is to stress", () => {
  // Seen to fail: SOL, whose balances stand still in the scans, was stressed as a stablecoin at 0.80 of its price.
  it("has a coin among the coins whether or not its balances move in the scenarios", () => {
    const { coins, stablecoins } = stressedSymbolsOf(collateralSnapshot(), defaultParameters);
    expect(coins).toEqual(expect.arrayContaining(["BTC", "ETH", "SOL"]));
    expect(stablecoins).toEqual(["DAI", "USDC", "USDT"]);
  });
});
