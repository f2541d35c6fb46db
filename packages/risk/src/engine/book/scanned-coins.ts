import { type PricePower, pricePowers } from "../../collateral/index.ts";
import { isPegged, type Market } from "../market/market.ts";

const none: readonly PricePower[] = [];

/**
 * Returns the coins whose prices move a pool through its balance of an asset, each with its power. There are none
 * unless the asset moves in the scenarios or is owed. Pegged coins are never among them, as their depeg tiers cover
 * them.
 */
export function coinsScannedWith(market: Market, asset: string, amount: number): readonly PricePower[] {
  const parameters = market.collateral.get(asset);
  const isScanned = amount < 0 || (amount > 0 && parameters?.movesInScenarios === true);
  return isScanned ? movingCoins(market, asset) : none;
}

/** Returns the underlyings that the price of an asset moves with, except pegged ones. */
export function movingCoins(market: Market, asset: string): readonly PricePower[] {
  return pricePowers(asset, market.collateral.get(asset)).filter(
    ({ underlying }) => market.underlyingIndexes.has(underlying) && !isPegged(market, underlying),
  );
}
