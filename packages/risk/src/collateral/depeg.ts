import type { CollateralParameters, DepegShock, DepegTier } from "../model/index.ts";

/** The price in US dollars that a pegged asset should have. */
export const PAR = 1;

/**
 * Computes the haircut added for a stablecoin below its tiers: the sum of factor x (belowPrice - price), at most 1. It
 * is continuous in the price, and never smaller at a lower one. The form is Derive's depeg contingency, (threshold -
 * price) x factor (docs/sources.md, Stablecoins below their peg).
 */
export function depegHaircut(priceUsd: number, tiers: readonly DepegTier[]): number {
  let haircut = 0;
  for (const { belowPrice, factor } of tiers) haircut += factor * Math.max(0, belowPrice - priceUsd);
  return Math.min(1, haircut);
}

/** Returns the depeg shock of a pegged asset, or null for any other asset. */
export function depegShockOf(parameters: CollateralParameters | undefined): DepegShock | null {
  return parameters?.valuation.kind === "pegged" ? parameters.valuation.depegShock : null;
}
