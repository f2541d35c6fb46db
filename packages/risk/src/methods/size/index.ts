export { incrementalRate, openInterestRate, squareRootAssetWeight, squareRootRate } from "./size-rates.ts";
