import { weightedPoolFairPrice } from "./weighted-pool.ts";

/** Two-asset pool whose reserves keep a constant product, and the outside prices of the two. */
export interface ConstantProductPool {
  readonly reserve0: number;
  readonly reserve1: number;
  /** Outside prices in one currency; never derived from the reserves. */
  readonly price0: number;
  readonly price1: number;
  readonly totalSupply: number;
}

/**
 * Fair price of one pool token: 2 sqrt(reserve0 reserve1) sqrt(price0 price1) / supply (Alpha Homora;
 * docs/sources.md, Pool tokens). It depends on the product of the reserves only, so a trade that moves them within one
 * block does not move it.
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
 * What one pool token redeems for at the present reserves. At least the fair price, equal when the pool's own price is the
 * outside price: the excess says how far the pool is off. Never a collateral value, as a flash trade sets it at will.
 */
export function constantProductReserveValue(pool: ConstantProductPool): number {
  return (pool.reserve0 * pool.price0 + pool.reserve1 * pool.price1) / pool.totalSupply;
}
