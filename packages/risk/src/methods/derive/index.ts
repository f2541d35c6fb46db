export * from "./defaults.ts";
export * from "./funding.ts";
export { buildDeriveGrid, type DeriveGrid } from "./grid.ts";
export type * from "./holdings.ts";
export { computePmrm1, type Pmrm1Portfolio } from "./pmrm-1.ts";
export * from "./pmrm-2.ts";
export * from "./srm.ts";
export { type SettlementForward, settlementForward } from "./time.ts";
export { type DeriveUnitValues, deriveUnitValues, type ExpiryTerms } from "./unit-values.ts";
