export {
  type IncrementalRate,
  incrementalRate,
  openInterestRate,
  squareRootAssetWeight,
  squareRootRate,
} from "./size-rates.ts";
