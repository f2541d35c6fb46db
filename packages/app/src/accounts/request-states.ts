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

/** Seconds from a gap to its request: an event that was only overtaken comes before. `AccountGaps` delays its checks by it. */
export const gapGraceSeconds = 5;

/** Minutes from each request to the next while there is no answer; the last is kept to. */
const repeatMinutes = [1, 5, 15, 60];

/** An account that the ledger never knew is asked about for so long, where no event of it waits. */
const unknownAccountMs = MS_PER_DAY;

/** What accounts lack, over all of them. */
export interface GapSummary {
  readonly gaps: number;
  /** Events that wait. */
  readonly waiting: number;
  readonly oldestAgeMs: number;
  readonly requested: number;
}

/** Asks the exchange for the state of an account that still lacks something; true when it was asked now. */
export async function requestState(accountId: string, ports: StateRequestPorts): Promise<boolean> {
  const pending = await loadPending(ports.ledger, shardOf(accountId, ports.shardCount), accountId);
  const open = await findOpen(accountId, pending, ports);
  return open !== null && open.gap.requests === 0 && (await ask(open, ports));
}

/** Looks after all that accounts lack: asks where nobody has yet, and again where no answer came. */
export async function requestStates(ports: StateRequestPorts, hasTimeLeft: () => boolean): Promise<GapSummary> {
  const { ledger, shardCount, nowMs } = ports;
  const summary = { gaps: 0, waiting: 0, oldestAgeMs: 0, requested: 0 };
  for (let shard = 0; shard < shardCount; shard += 1) {
    for (const [accountId, pending] of await loadShardPending(ledger, shard)) {
      // What there is no time to look at is counted as it was found; the next minute goes on.
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

/** A gap that is open, as it is now. */
interface OpenGap {
  readonly accountId: string;
  readonly gap: Gap;
  readonly stored: StoredAccount | undefined;
  /** Sequences of the events that wait, in order. */
  readonly waiting: readonly number[];
}

/** The gap of an account; null where it is closed, of which a crash may have left something to clear away. */
async function findOpen(accountId: string, pending: Pending, ports: StateRequestPorts): Promise<OpenGap | null> {
  const { ledger, shardCount, nowMs } = ports;
  const shard = shardOf(accountId, shardCount);
  const stored = await findAccount(ledger, accountId, shardCount);
  const held = stored?.ledgerSequence ?? 0;
  const sequences = pending.events.map(({ ledgerSequence }) => ledgerSequence);
  const waiting = sequences.filter((sequence) => sequence > held);
  const [needsSequence] = waiting;
  // What a gap was about that cannot be read is not known: the account is asked about.
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
  // Another event closed the gap at the moment when this one was parked, or its item cannot be read.
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
 * Counts the request, then sends it: of all that look at a gap at once, one asks. What a crash in between leaves unsent is sent
 * with the next attempt, a minute later.
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
