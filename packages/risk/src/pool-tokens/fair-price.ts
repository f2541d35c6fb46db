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
 * the least value that the reserves can have along the invariant at these prices. The formula is Balancer's and
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

/** A pool of two assets whose reserves keep a constant product, with the outside prices of the two. */
export interface ConstantProductPool {
  readonly reserve0: number;
  readonly reserve1: number;
  /** The outside prices in one currency. They are never derived from the reserves. */
  readonly price0: number;
  readonly price1: number;
  readonly totalSupply: number;
}

/**
 * Computes the fair price of one pool token: 2 sqrt(reserve0 reserve1) sqrt(price0 price1) / supply (Alpha Homora;
 * docs/sources.md, Pool tokens). It depends only on the product of the reserves. A trade that moves the reserves within
 * one block therefore does not move the price.
 */
export function constantProductFairPrice(pool: ConstantProductPool): number {
  const { reserve0, reserve1, price0, price1, totalSupply } = pool;
  const parts = [
    { reserve: reserve0, weight: 0.5, price: price0 },
    { reserve: reserve1, weight: 0.5, price: price1 },
  ];
  return weightedPoolFairPrice(parts, totalSupply);
}

/**
 * Computes the value for which one pool token redeems at the present reserves. It is at least the fair price, and equal
 * when the pool's own price is the outside price. The excess shows how far the two prices differ. It must never serve
 * as a collateral value, because a flash trade can set it at will.
 */
export function constantProductReserveValue(pool: ConstantProductPool): number {
  return (pool.reserve0 * pool.price0 + pool.reserve1 * pool.price1) / pool.totalSupply;
}
