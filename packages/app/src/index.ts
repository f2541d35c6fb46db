export type { AccountPorts, RejectedText } from "./accounts/account-effect.ts";
export { type AccountMessage, ingestAccountMessage } from "./accounts/ingest-accounts.ts";
export { KnownInstruments } from "./accounts/known-instruments.ts";
export { gapGraceSeconds, requestState, requestStates } from "./accounts/request-states.ts";
export { TouchedShards } from "./accounts/touched-shards.ts";
export { type PublishPorts, type PublishSummary, publishCommitted, republish } from "./calls/publish-calls.ts";
export type { Log, Stopwatch } from "./log.ts";
export { booksOf, type StoredBook } from "./margin/books.ts";
export { computeShard, type ShardPorts, type ShardSummary } from "./margin/compute-shard.ts";
export { type Before, type Decision, type DecisionContext, decideBook } from "./margin/decide.ts";
export type { HeldPrice } from "./margin/held-prices.ts";
export { PreparedMarkets } from "./margin/prepared-markets.ts";
export { prepareProposal } from "./parameters/prepare-proposal.ts";
export { proposeAtTick } from "./parameters/propose-parameters.ts";
export { reportResponsiveness } from "./parameters/report-responsiveness.ts";
export { parseQuoteBatch } from "./quotes/arrange-quotes.ts";
export { ingestQuotes, type QuoteVerdict } from "./quotes/ingest-quotes.ts";
export {
  type SweepPorts,
  type SweepSummary,
  statedTimeMs,
  sweepAtTick,
  sweepOnRequests,
} from "./sweeps/start-sweep.ts";
