import { weightedPoolFairPrice } from "./weighted-pool.ts";

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
