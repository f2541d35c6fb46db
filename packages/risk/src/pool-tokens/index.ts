export * from "./constant-product.ts";
