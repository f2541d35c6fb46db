export type { AccountPorts, RejectedText } from "./accounts/account-effect.ts";
export {
  type AccountBehind,
  discardPending,
  findAccountsBehind,
  loadAccountsBehind,
} from "./accounts/accounts-behind.ts";
export { ingestAccountMessage } from "./accounts/ingest-accounts.ts";
export { KnownInstruments } from "./accounts/known-instruments.ts";
export { gapGraceSeconds, requestState, requestStates } from "./accounts/request-states.ts";
export { TouchedShards } from "./accounts/touched-shards.ts";
export { type PublishPorts, type PublishSummary, publishCommitted, republish } from "./calls/publish-calls.ts";
export {
  type CallChoice,
  chooseCalls,
  dismissCalls,
  type ListedCall,
  listUnpublished,
  parseEventId,
} from "./calls/unpublished-calls.ts";
export { type CureQuestion, curesOf, type ExplainQuestion, explainPool } from "./explain/explain-pool.ts";
export { computeShard, type ShardPorts, type ShardSummary } from "./margin/compute-shard.ts";
export { engineVersion } from "./margin/decide.ts";
export { findAccountRows, findMarginedPool, type StageTables } from "./margin/find-margined.ts";
export type { HeldPrice } from "./margin/held-prices.ts";
export { PreparedEngines } from "./margin/prepared-engines.ts";
export { loadGaps, loadResults, type StageGaps } from "./margin/stage-results.ts";
export {
  activateVersion,
  approveProposal,
  findStatedProposal,
  isStoredVersion,
  listParameters,
  proposeNow,
  type StatedProposal,
} from "./parameters/operate-parameters.ts";
export { proposeAtTick } from "./parameters/propose-parameters.ts";
export { type PutOutcome, putParameters } from "./parameters/put-parameters.ts";
export { reportResponsiveness } from "./parameters/report-responsiveness.ts";
export { shippedParameters } from "./parameters/shipped-parameters.ts";
export { arrangeQuotes, parseQuoteBatch } from "./quotes/arrange-quotes.ts";
export { ingestQuotes, NotedUnderlyings, type QuoteVerdict } from "./quotes/ingest-quotes.ts";
export { findCompletedSweep, findSweepProgress, type SweepProgress } from "./sweeps/find-sweep.ts";
export {
  type SweepPorts,
  type SweepSummary,
  statedTimeMs,
  sweepAtTick,
  sweepOnRequests,
} from "./sweeps/start-sweep.ts";
export { type Batch, type CandidateResult, simulateBatch } from "./what-if/batch.ts";
export { checkOrders, type OrderCheck } from "./what-if/check-orders.ts";
export { findLivePool, type LivePool, type NoPool, type QuestionPorts, storedPoolOf } from "./what-if/live-pool.ts";
export { type NotSimulated, type Simulated, simulate } from "./what-if/simulate.ts";
export type { PoolState, StateDifference } from "./what-if/states.ts";
