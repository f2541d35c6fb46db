import { type PricePower, pricePowers } from "../../collateral/index.ts";
import { isPegged, type Market } from "../market/market.ts";

const none: readonly PricePower[] = [];

/**
 * Coins whose prices move a pool with a balance of an asset, and by which power: those behind one that moves in the scenarios or
 * is owed. Pegged ones never: their depeg tiers speak for them.
 */
export function coinsScannedWith(market: Market, asset: string, amount: number): readonly PricePower[] {
  const parameters = market.collateral.get(asset);
  const isScanned = amount < 0 || (amount > 0 && parameters?.movesInScenarios === true);
  return isScanned ? movingCoins(market, asset) : none;
}

/** The coins among what the price of an asset moves with. */
export function movingCoins(market: Market, asset: string): readonly PricePower[] {
  return pricePowers(asset, market.collateral.get(asset)).filter(
    ({ underlying }) => market.underlyingIndexes.has(underlying) && !isPegged(market, underlying),
  );
}
