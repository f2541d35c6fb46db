export { announceParameters, publishStateRequest } from "./announce.ts";
export { chain, type Handler } from "./chain.ts";
export { dynamodbClient, openTable, snsClient, sqsClient, startMeter } from "./clients.ts";
export { clockAfter, marketClock } from "./clock.ts";
export { jsonAnswer, parseHttpEvent } from "./http.ts";
export type { AccountPorts } from "./jobs/account-effect.ts";
export { parseQuoteBatch } from "./jobs/arrange-quotes.ts";
export { booksOf, type StoredBook } from "./jobs/books.ts";
export { computeShard, ShardContendedError, type ShardPorts, type ShardSummary } from "./jobs/compute-shard.ts";
export { type Before, type Decision, type DecisionContext, decideBook, engineVersion } from "./jobs/decide.ts";
export { type PreparedMarket, PreparedMarkets } from "./jobs/engine-cache.ts";
export { ingestAccountMessage } from "./jobs/ingest-accounts.ts";
export { ingestQuotes, type QuoteVerdict } from "./jobs/ingest-quotes.ts";
export {
  type ProposeOutcome,
  type ProposePorts,
  type ProposeSummary,
  proposeAtTick,
} from "./jobs/propose-parameters.ts";
export { type PublishPorts, type PublishSummary, publishCommitted, republish } from "./jobs/publish-calls.ts";
export { type ReportPorts, reportResponsiveness } from "./jobs/report-responsiveness.ts";
export { gapGraceSeconds, requestState, requestStates } from "./jobs/request-states.ts";
export { type SweepPorts, type SweepSummary, statedTimeMs, sweepAtTick, sweepOnRequests } from "./jobs/start-sweep.ts";
export { TouchedShards } from "./jobs/touched-shards.ts";
export { getLink, type StageSettings } from "./links.ts";
export { publishing } from "./publishing.ts";
export { parseBody, parseQueueEvent, processQueue, sendMessages } from "./queues.ts";
export { keepRejectedEvent, tryToKeepRejects, withinAnswer } from "./rejects.ts";
export { reportPass } from "./shard-metrics.ts";
export { processCallStream } from "./streams.ts";
export { reportSweep } from "./sweep-metrics.ts";
export { countFailedRecords, errorText, logger, MetricUnit, metrics, peakMemoryMb, stopwatch } from "./telemetry.ts";
export { startCold, warm } from "./warm.ts";
