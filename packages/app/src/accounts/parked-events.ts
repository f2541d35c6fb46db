import { findRunaway, type LedgerAccount } from "@plimsoll/ledger";
import { type AccountEvent, type EventClaim, limits, type Refusal, shardOf } from "@plimsoll/schema";
import {
  clearPending,
  correctWaiting,
  findAccount,
  findFirstPending,
  type Gap,
  loadPending,
  openGap,
  type ParkedEvent,
  parkEvent,
  replaceGap,
  saveAccount,
  takePlace,
} from "@plimsoll/store";
import { type AccountPorts, type RefusedEvent, tryEvent } from "./account-effect.ts";

/** Thrown if other writers changed the account at every attempt. The message may be tried again. */
export class AccountContendedError extends Error {
  override readonly name = "AccountContendedError";
}

/** Attempts against other writers of the same account. */
export const attempts = 5;

/** The outcome of releasing parked events. */
export interface Released {
  /** Number of parked events that were applied. */
  readonly released: number;
  /** The gap that the account has since. It is null if there is none, or if the exchange was already asked about it. */
  readonly opened: Gap | null;
}

/**
 * Opens a gap and then parks the event; after a crash in between the message is repeated. It does not read the other
 * waiting events. If the limit of waiting events is reached, the event is refused, since a message that keeps failing
 * would block the account_state behind it.
 */
export async function park(
  event: AccountEvent,
  heldSequence: number,
  ports: AccountPorts,
): Promise<Gap | RefusedEvent> {
  const { account_id: accountId, ledger_sequence: needsSequence } = event;
  const { ledger, nowMs } = ports;
  const shard = shardOf(accountId, ports.shardCount);
  const gap = await openGap(ledger, shard, accountId, {
    openedAtMs: nowMs(),
    heldSequence,
    needsSequence,
    refused: null,
  });
  if (!(await takePlace(ledger, shard, event))) {
    const value = String(limits.parkedEventsPerAccount);
    return {
      kind: "refused",
      refusals: [{ path: "waiting_events", value, problem: "too many waiting; send account_state" }],
    };
  }
  await parkEvent(ledger, shard, event, nowMs());
  return gap;
}

/** Most problems of a refused event that a request names. The queue of rejects has all of them. */
const shownProblems = 3;

/**
 * Opens a gap for an event that was refused, unless its sequence is already part of the account. Returns the gap if the
 * exchange has not been asked about it yet.
 */
export async function noteRefused(
  { account_id: accountId, ledger_sequence: ledgerSequence }: EventClaim,
  refusals: readonly Refusal[],
  ports: AccountPorts,
): Promise<Gap | null> {
  const stored = await findAccount(ports.ledger, accountId, ports.shardCount);
  const held = stored?.ledgerSequence ?? 0;
  if (ledgerSequence <= held) return null;
  const problems = refusals.map(({ path, value, problem }) => `${path} ${value}: ${problem}`);
  // The account never reaches a sequence that ran away, or a ledger_sequence that was refused for its own value.
  const isNone =
    refusals.some(({ path }) => path === "ledger_sequence") || findRunaway({ ledgerSequence }, held, limits) !== null;
  const needsSequence = isNone ? held + 1 : ledgerSequence;
  const problem = `sequence ${ledgerSequence} was refused: ${problems.slice(0, shownProblems).join("; ")}`;
  const openedAtMs = ports.nowMs();
  const opened = await openGap(ports.ledger, shardOf(accountId, ports.shardCount), accountId, {
    openedAtMs,
    heldSequence: held,
    needsSequence,
    refused: { sequence: needsSequence, problem, atMs: openedAtMs },
  });
  return opened.requests === 0 ? opened : null;
}

/**
 * Applies the parked events whose turn has come after this one, in one write, and deletes those that are already part
 * of the account. It looks for them after the account was written, so that an event parked at the same moment is either
 * found here or sees the new account.
 */
export async function releaseParked(event: AccountEvent, ports: AccountPorts): Promise<Released> {
  const { ledger, shardCount, nowMs } = ports;
  const { account_id: accountId } = event;
  const shard = shardOf(accountId, shardCount);
  let released = 0;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const first = await findFirstPending(ledger, shard, accountId);
    if (first === undefined) return { released, opened: null };
    const stored = await findAccount(ledger, accountId, shardCount);
    if (stored === undefined || stored.account === null) return { released, opened: null };
    const held = stored.account.ledgerSequence;
    if (event.kind !== "account_state" && (first.ledgerSequence ?? 0) > held + 1) return { released, opened: null };
    const pending = await loadPending(ledger, shard, accountId);
    const folded = await foldParked(stored.account, pending.events, ports);
    const { account, dealtWith, refused } = folded;
    if (account.ledgerSequence > held && !(await saveAccount(ledger, account, held, shardCount))) continue;
    released += folded.released;
    const waiting = pending.events.filter(({ ledgerSequence }) => !dealtWith.includes(ledgerSequence));
    let { gap } = pending;
    let opened: Gap | null = null;
    if (gap !== null && isAnswer(event, gap)) {
      const left = gapAfterAnswer(gap, { account, waiting, hasRefused: refused !== null }, nowMs());
      if (!(await replaceGap(ledger, shard, accountId, { from: gap, to: left }))) continue;
      gap = left;
      if (left.requests === 0) opened = left;
    }
    if (refused !== null) {
      await keepParkedRefusal(refused.event, refused.refusals, ports);
      opened = await noteRefused(refused.event, refused.refusals, ports);
    }
    const isClosed = refused === null && waiting.length === 0 && account.ledgerSequence >= (gap?.needsSequence ?? 0);
    await clearPending(ledger, shard, accountId, { sequences: dealtWith, isClosed });
    if (!isClosed && dealtWith.length > 0) await correctWaiting(ledger, shard, accountId, waiting.length);
    return { released, opened: isClosed ? null : opened };
  }
  throw new AccountContendedError(`${accountId} was written by others ${attempts} times`);
}

/** Whether this is the exchange's answer to the gap rather than a late repeat from before it. */
function isAnswer({ kind, ledger_sequence }: AccountEvent, gap: Gap): boolean {
  return kind === "account_state" && ledger_sequence >= gap.heldSequence;
}

/**
 * Computes what is left of a gap after an answer. A refused event that the exchange was asked about is dropped if the
 * answer does not include it. Events beyond the answer keep waiting. What the exchange was not asked about yet becomes
 * a new gap with its own request; otherwise the requests continue as before.
 */
function gapAfterAnswer(
  gap: Gap,
  left: { readonly account: LedgerAccount; readonly waiting: readonly ParkedEvent[]; readonly hasRefused: boolean },
  nowMs: number,
): Gap {
  const { ledgerSequence: held } = left.account;
  const isNew = (atMs: number) => gap.requestedAtMs === null || atMs >= gap.requestedAtMs;
  const refused = gap.refused !== null && gap.refused.sequence > held && isNew(gap.refused.atMs) ? gap.refused : null;
  const last = Math.max(held, left.waiting.at(-1)?.ledgerSequence ?? 0);
  const stays = {
    ...gap,
    needsSequence: refused === null ? last : Math.max(gap.needsSequence, last),
    refused,
    waiting: left.waiting.length,
  };
  const hasNews = left.hasRefused || refused !== null || left.waiting.some(({ parkedAtMs }) => isNew(parkedAtMs));
  if (!hasNews) return { ...stays, isAnswered: true };
  return { ...stays, openedAtMs: nowMs, heldSequence: held, requests: 0, requestedAtMs: null, isAnswered: false };
}

interface Folded {
  readonly account: LedgerAccount;
  /** Sequences that no longer wait. */
  readonly dealtWith: readonly number[];
  readonly released: number;
  readonly refused: { readonly event: AccountEvent; readonly refusals: readonly Refusal[] } | null;
}

async function foldParked(from: LedgerAccount, events: readonly ParkedEvent[], ports: AccountPorts): Promise<Folded> {
  let account = from;
  let released = 0;
  const dealtWith: number[] = [];
  for (const { ledgerSequence, event } of events) {
    if (ledgerSequence <= account.ledgerSequence) {
      dealtWith.push(ledgerSequence);
      continue;
    }
    if (event === null) break;
    const stored = { accountId: account.accountId, ledgerSequence: account.ledgerSequence, account, problem: null };
    const outcome = await tryEvent(stored, event, ports);
    if (outcome.kind === "refused") {
      dealtWith.push(ledgerSequence);
      return { account, dealtWith, released, refused: { event, refusals: outcome.refusals } };
    }
    if (outcome.kind !== "applied") break;
    account = outcome.account;
    released += 1;
    dealtWith.push(ledgerSequence);
  }
  return { account, dealtWith, released, refused: null };
}

/** Stores a parked event that is refused when its turn comes, in the same way as one that is refused at once. */
async function keepParkedRefusal(
  event: AccountEvent,
  refusals: readonly Refusal[],
  { nowMs, keepRejects }: AccountPorts,
): Promise<void> {
  const reference = `${event.account_id}/${event.ledger_sequence}`;
  await keepRejects({ receivedAtMs: nowMs(), reference, body: JSON.stringify(event) }, refusals);
}
