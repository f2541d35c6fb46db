export { type AccountRows, findRows, PartMemory } from "./account-rows.ts";
export { loadHistory, recordDay, saveBars, saveImplied } from "./daily.ts";
export { forgetAccount } from "./forget-account.ts";
export { loadUnquotedHoldings, noteUnquotedHoldings } from "./holdings.ts";
export { findAccount, loadShardAccounts, type StoredAccount, saveAccount } from "./ledger.ts";
export {
  type CommittedChange,
  changesPerCommit,
  commitChanges,
  findState,
  findStates,
  type HistoryPoint,
  loadBlock,
  loadHistoryPoints,
  type ShardAttempt,
  type StoredBlock,
  type StoredState,
  saveBlock,
  saveHistory,
  takeShard,
} from "./margin.ts";
export {
  type Anchor,
  findAnchor,
  findCurrentSnapshot,
  findNewestSnapshot,
  findSnapshot,
  getSnapshot,
  loadIndexQuotes,
  loadQuotes,
  moveAnchor,
  type QuoteOutcome,
  type Receipt,
  type SnapshotHead,
  type StoredSnapshot,
  saveAnchor,
  saveIndexQuote,
  saveMarks,
  saveSnapshot,
  saveToken,
  senderToleranceMs,
} from "./market.ts";
export { findAccountTopics, saveAccountTopic } from "./notify.ts";
export {
  deleteMarks,
  type EventName,
  eventMissing,
  eventNameOf,
  findMarks,
  loadEvents,
  loadEventsOf,
  loadMarks,
  loadMarksOf,
  type Mark,
  readEvent,
  refuseMark,
  restoreMark,
  type StoredEvent,
  scanEvents,
} from "./outbox.ts";
export { unpack } from "./packed.ts";
export {
  type Activation,
  activateParameters,
  findActivation,
  findParameters,
  getParameters,
  loadActivations,
  loadParameterVersions,
  saveParameters,
} from "./parameters.ts";
export {
  clearPending,
  correctWaiting,
  findFirstPending,
  type Gap,
  loadPending,
  loadShardPending,
  noteRequest,
  openGap,
  type ParkedEvent,
  type Pending,
  parkEvent,
  replaceGap,
  takeBackRequest,
  takePlace,
} from "./pending.ts";
export {
  findControls,
  findProposal,
  loadProposals,
  markAnnounced,
  type StoredProposal,
  saveControls,
  saveProposal,
} from "./proposals.ts";
export { findCard, loadReferenceDays, saveCard, saveReferenceDay } from "./responsiveness.ts";
export { arrivalOfTick, takeRequestedSweep } from "./sweep-starts.ts";
export { findNewestCompletedSweep, findSweep, reportShard, type SweepRecord, startSweepRecord } from "./sweeps.ts";
export { type CapacityMeter, type Item, marketsAtOnce, StoreError, type Table } from "./table.ts";
export { forgetUnderlyings, loadUnderlyings, noteQuoted } from "./underlyings.ts";
