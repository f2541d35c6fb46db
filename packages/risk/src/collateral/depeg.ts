import type { CollateralParameters, DepegShock, DepegTier } from "../model/index.ts";

/** US dollars that one unit of a pegged asset is to be worth. */
export const PAR = 1;

/**
 * Haircut added for a stablecoin below its tiers: the sum of factor x (belowPrice - price), at most 1. Continuous, and
 * never smaller at a lower price. The form is Derive's depeg contingency, (threshold - price) x factor
 * (docs/sources.md, Stablecoins below their peg).
 */
export function depegHaircut(priceUsd: number, tiers: readonly DepegTier[]): number {
  let haircut = 0;
  for (const { belowPrice, factor } of tiers) haircut += factor * Math.max(0, belowPrice - priceUsd);
  return Math.min(1, haircut);
}

/** The shock of an asset that is pegged; null for any other. */
export function depegShockOf(parameters: CollateralParameters | undefined): DepegShock | null {
  return parameters?.valuation.kind === "pegged" ? parameters.valuation.depegShock : null;
}
