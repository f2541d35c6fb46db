export { addSizeCharges, type SizeExposure } from "./size-charges.ts";
export { incrementalRate, openInterestRate, squareRootAssetWeight, squareRootRate } from "./size-rates.ts";
