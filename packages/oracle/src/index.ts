export { buildSnapshot } from "./build-snapshot.ts";
export { findConsensus, type PreviousState } from "./consensus.ts";
export {
  defaultOracleParameters,
  type IndexQuote,
  type OracleParameters,
  type SourceMarks,
  type SourceToken,
  type UnderlyingQuotes,
} from "./model.ts";
