import { exp, log } from "../numbers/index.ts";

/** One asset of a pool that keeps the product of reserve ^ weight, with its outside price. */
export interface WeightedPart {
  /** The units of the asset in the pool, above 0. */
  readonly reserve: number;
  /** The share of the pool's value, above 0. The weights of a pool add up to 1. */
  readonly weight: number;
  /** The outside price, which is never derived from the reserves. */
  readonly price: number;
}

/**
 * Computes the fair price of one token of a weighted pool: product of (reserve price / weight) ^ weight / supply. It is
 * the least value that the reserves can have along the invariant at these prices. The formula is from memory and
 * follows from the invariant by minimising the value (docs/sources.md, Pool tokens). Trades move the reserves along the
 * invariant and do not change the price. Two parts of weight 1/2 are a constant-product pool.
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
