import { exp, log } from "../numbers/index.ts";

/** One asset of a pool that keeps the product of reserve ^ weight, and its outside price. */
export interface WeightedPart {
  /** Units of the asset in the pool, above 0. */
  readonly reserve: number;
  /** Share of the pool's value, above 0; the weights of a pool add up to 1. */
  readonly weight: number;
  /** Outside price; never derived from the reserves. */
  readonly price: number;
}

/**
 * Fair price of one token of a weighted pool: product of (reserve price / weight) ^ weight / supply, the least value
 * that the reserves can have along the invariant at these prices (from memory; it follows from the invariant by
 * minimising the value; docs/sources.md, Pool tokens). Trades move the reserves along the invariant and leave it as it
 * is. Two parts of weight 1/2 are a constant-product pool.
 */
export function weightedPoolFairPrice(parts: readonly WeightedPart[], totalSupply: number): number {
  const [first, second] = parts;
  if (parts.length === 2 && first?.weight === 0.5 && second?.weight === 0.5) {
    return (2 * Math.sqrt(first.reserve * second.reserve) * Math.sqrt(first.price * second.price)) / totalSupply;
  }
  let logValue = 0;
  for (const { reserve, weight, price } of parts) logValue += weight * (log(reserve) + log(price) - log(weight));
  return exp(logValue) / totalSupply;
}
