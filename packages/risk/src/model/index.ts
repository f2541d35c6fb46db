export * from "./collateral.ts";
export * from "./instrument.ts";
export * from "./parameters.ts";
export * from "./pool.ts";
export * from "./product-traits.ts";
export * from "./result.ts";
export type * from "./scan.ts";
export * from "./snapshot.ts";
