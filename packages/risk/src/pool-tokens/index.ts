export * from "./constant-product.ts";
export * from "./weighted-pool.ts";
