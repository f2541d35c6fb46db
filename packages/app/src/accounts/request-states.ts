import { MS_PER_DAY, MS_PER_MINUTE } from "@plimsoll/risk";
import { type AccountStateRequest, accountStateRequest, shardOf } from "@plimsoll/schema";
import {
  clearPending,
  correctWaiting,
  findAccount,
  type Gap,
  loadPending,
  loadShardPending,
  noteRequest,
  openGap,
  type Pending,
  type StoredAccount,
  type Table,
  takeBackRequest,
} from "@plimsoll/store";
import type { Log } from "../log.ts";
import { describeGap } from "./describe-gap.ts";

export interface StateRequestPorts {
  readonly ledger: Table;
  readonly shardCount: number;
  readonly environment: string;
  readonly nowMs: () => number;
  readonly publish: (request: AccountStateRequest) => Promise<void>;
  readonly log: Log;
}

/**
 * Seconds between opening a gap and asking about it, since an event that was only overtaken arrives sooner. The queue
 * `AccountGaps` delays its checks by this time.
 */
export const gapGraceSeconds = 5;

/** Minutes between one request and the next while there is no answer. The last value repeats. */
const repeatMinutes = [1, 5, 15, 60];

/**
 * An account that the ledger never knew, and of which no event waits, is asked about for this long, in milliseconds.
 */
const unknownAccountMs = MS_PER_DAY;

/** Summary of the gaps of all accounts. */
export interface GapSummary {
  readonly gaps: number;
  /** Number of waiting events. */
  readonly waiting: number;
  readonly oldestAgeMs: number;
  readonly requested: number;
}

/**
 * Asks the exchange for the state of an account that still has a gap and was not asked about. Returns true if it was
 * asked now.
 */
export async function requestState(accountId: string, ports: StateRequestPorts): Promise<boolean> {
  const pending = await loadPending(ports.ledger, shardOf(accountId, ports.shardCount), accountId);
  const open = await findOpen(accountId, pending, ports);
  return open !== null && open.gap.requests === 0 && (await ask(open, ports));
}

/**
 * Checks the gaps of all accounts. It asks about those not asked about yet, and again about those without an answer.
 */
export async function requestStates(ports: StateRequestPorts, hasTimeLeft: () => boolean): Promise<GapSummary> {
  const { ledger, shardCount, nowMs } = ports;
  const summary = { gaps: 0, waiting: 0, oldestAgeMs: 0, requested: 0 };
  for (let shard = 0; shard < shardCount; shard += 1) {
    for (const [accountId, pending] of await loadShardPending(ledger, shard)) {
      // Gaps for which no time is left are counted as they were found. The next run, a minute later, continues.
      const open = hasTimeLeft() ? await findOpen(accountId, pending, ports) : null;
      const gap = open?.gap ?? (hasTimeLeft() ? null : pending.gap);
      if (gap === null) continue;
      summary.gaps += 1;
      summary.waiting += open?.waiting.length ?? pending.events.length;
      summary.oldestAgeMs = Math.max(summary.oldestAgeMs, nowMs() - gap.openedAtMs);
      if (open !== null && isDue(gap, nowMs()) && (await ask(open, ports))) summary.requested += 1;
    }
  }
  return summary;
}

/** An open gap in its current state. */
interface OpenGap {
  readonly accountId: string;
  readonly gap: Gap;
  readonly stored: StoredAccount | undefined;
  /** Sequences of the waiting events in ascending order. */
  readonly waiting: readonly number[];
}

/**
 * Finds the open gap of an account. Returns null if it is closed, and then deletes what a crash may have left of it.
 */
async function findOpen(accountId: string, pending: Pending, ports: StateRequestPorts): Promise<OpenGap | null> {
  const { ledger, shardCount, nowMs } = ports;
  const shard = shardOf(accountId, shardCount);
  const stored = await findAccount(ledger, accountId, shardCount);
  const held = stored?.ledgerSequence ?? 0;
  const sequences = pending.events.map(({ ledgerSequence }) => ledgerSequence);
  const waiting = sequences.filter((sequence) => sequence > held);
  const [needsSequence] = waiting;
  // If the gap's item cannot be read, its reason is unknown, and the account is asked about.
  const isKnown = pending.gapProblem === undefined;
  const isClosed =
    isKnown && needsSequence === undefined && !stored?.problem && held >= (pending.gap?.needsSequence ?? 0);
  if (isClosed) {
    if (pending.gap !== null || sequences.length > 0) {
      await clearPending(ledger, shard, accountId, { sequences, isClosed });
    }
    return null;
  }
  if (pending.gap !== null) {
    const { openedAtMs, requests, refused } = pending.gap;
    const isGivenUp =
      stored === undefined && sequences.length === 0 && requests > 0 && nowMs() - openedAtMs >= unknownAccountMs;
    if (isGivenUp) {
      const problem = refused?.problem ?? "its events waited too long";
      ports.log.error("unknown account given up: no account_state came", { account_id: accountId, requests, problem });
      await clearPending(ledger, shard, accountId, { sequences, isClosed: true });
      return null;
    }
    if (pending.gap.waiting !== sequences.length) await correctWaiting(ledger, shard, accountId, sequences.length);
    return { accountId, gap: pending.gap, stored, waiting };
  }
  // Another event closed the gap at the moment when this one was parked, or the gap's item cannot be read.
  const opened = await openGap(ledger, shard, accountId, {
    openedAtMs: nowMs(),
    heldSequence: held,
    needsSequence: needsSequence ?? held + 1,
    refused: null,
  });
  await correctWaiting(ledger, shard, accountId, sequences.length);
  return { accountId, gap: opened, stored, waiting };
}

function isDue({ requests, openedAtMs, requestedAtMs }: Gap, nowMs: number): boolean {
  if (requests === 0) return nowMs - openedAtMs >= gapGraceSeconds * 1_000;
  const minutes = repeatMinutes[Math.min(requests, repeatMinutes.length) - 1] ?? 0;
  return nowMs - (requestedAtMs ?? 0) >= minutes * MS_PER_MINUTE;
}

/**
 * Counts the request and then sends it, so that only one of several concurrent callers asks. A request that a crash
 * left unsent is sent with the next attempt, a minute later.
 */
async function ask(open: OpenGap, ports: StateRequestPorts): Promise<boolean> {
  const { ledger, shardCount, nowMs } = ports;
  const { accountId, gap } = open;
  const shard = shardOf(accountId, shardCount);
  if (!(await noteRequest(ledger, shard, accountId, gap, nowMs()))) return false;
  try {
    await ports.publish(requestOf(open, ports));
  } catch (error) {
    await takeBackRequest(ledger, shard, accountId, gap);
    throw error;
  }
  return true;
}

function requestOf({ accountId, gap, stored, waiting }: OpenGap, ports: StateRequestPorts): AccountStateRequest {
  return accountStateRequest.parse({
    kind: "account_state_request",
    schema_version: 1,
    environment: ports.environment,
    request_id: `${accountId}/${gap.openedAtMs}`,
    attempt: gap.requests + 1,
    account_id: accountId,
    ...describeGap(accountId, gap, stored, waiting[0]),
    held_sequence: stored?.ledgerSequence ?? 0,
    needs_sequence: Math.max(gap.needsSequence, waiting.at(-1) ?? 0),
    waiting_events: waiting.length,
    opened_at: new Date(gap.openedAtMs).toISOString(),
    requested_at: new Date(ports.nowMs()).toISOString(),
  });
}
