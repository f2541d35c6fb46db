export { chain, type Handler } from "./chain.ts";
export { dynamodbClient, openTable, snsClient, sqsClient, startMeter } from "./clients.ts";
export { jsonAnswer, parseHttpEvent } from "./http.ts";
export { getLink, type StageSettings } from "./links.ts";
export { parseBody, parseQueueEvent, processQueue, QueueError, sendMessages } from "./queues.ts";
export { keepRejects, refusalsOf, shownValue } from "./rejects.ts";
export { processCallStream } from "./streams.ts";
export { errorText, logger, MetricUnit, metrics, peakMemoryMb, stopwatch } from "./telemetry.ts";
export { computeShard, ShardContendedError, type ShardSummary } from "./work/compute-shard.ts";
export { type Before, type Decision, type DecisionContext, decideAccount, engineVersion } from "./work/decide.ts";
export type { PreparedMarket } from "./work/engine-cache.ts";
export {
  AccountContendedError,
  type AccountOutcome,
  ingestAccountEvent,
  inLedgerOrder,
  parseAccountEvent,
  SequenceGapError,
  TouchedShards,
  UnreadableAccountError,
} from "./work/ingest-accounts.ts";
export { clockSkewMs, ingestQuotes } from "./work/ingest-quotes.ts";
export { createPublisher } from "./work/publish-call.ts";
export { type SweepSummary, startSweep } from "./work/start-sweep.ts";
