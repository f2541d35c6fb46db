import type { LedgerAccount } from "@plimsoll/ledger";
import { type AccountEvent, type EventClaim, limits, type Refusal, shardOf } from "@plimsoll/schema";
import {
  clearPending,
  findAccount,
  type Gap,
  loadPending,
  openGap,
  type ParkedEvent,
  parkEvent,
  saveAccount,
} from "@plimsoll/store";
import { keepRejects } from "../rejects.ts";
import { type AccountPorts, tryEvent } from "./account-effect.ts";

/** Other writers were at the account each time; the message may be tried again. */
export class AccountContendedError extends Error {
  override readonly name = "AccountContendedError";
}

/** As many events of the account wait as may; the next ones stay in the queue, where they end in the dead letters. */
export class TooManyParkedError extends Error {
  override readonly name = "TooManyParkedError";
}

/** Tries against other writers of the same account. */
export const attempts = 5;

/** What became of parked events. */
export interface Released {
  /** Parked events that were applied. */
  readonly released: number;
  /** What the account lacks since; null where nothing or where the exchange was asked already. */
  readonly opened: Gap | null;
}

/** Keeps an event for later, then notes the gap: a crash in between repeats the message. */
export async function park(event: AccountEvent, ports: AccountPorts): Promise<Gap> {
  const { account_id: accountId, ledger_sequence: needsSequence } = event;
  const shard = shardOf(accountId, ports.shardCount);
  const { events } = await loadPending(ports.ledger, shard, accountId);
  const isNew = events.every(({ ledgerSequence }) => ledgerSequence !== needsSequence);
  if (isNew && events.length >= limits.parkedEventsPerAccount) {
    throw new TooManyParkedError(`${events.length} events of ${accountId} wait for an account_state`);
  }
  await parkEvent(ports.ledger, shard, event, ports.nowMs());
  return openGap(ports.ledger, shard, accountId, { openedAtMs: ports.nowMs(), needsSequence, refused: null });
}

/** Problems of a refused event that a request names; all of them are in the queue of rejects. */
const shownProblems = 3;

/**
 * Notes that the ledger lacks an event because it was refused, unless it is of the past. Returns the gap that the exchange is
 * yet to be asked about.
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
  // A sequence that is refused for itself is none that the account will come to.
  const needsSequence = refusals.some(({ path }) => path === "ledger_sequence") ? held + 1 : ledgerSequence;
  const problem = `sequence ${ledgerSequence} was refused: ${problems.slice(0, shownProblems).join("; ")}`;
  const opened = await openGap(ports.ledger, shardOf(accountId, ports.shardCount), accountId, {
    openedAtMs: ports.nowMs(),
    needsSequence,
    refused: { sequence: needsSequence, problem },
  });
  return opened.requests === 0 ? opened : null;
}

/**
 * Applies parked events whose turn has come, all in one write, and forgets those that the account has. Looks after the
 * account was written, so that an event that is parked at the same moment is seen here or sees the account itself.
 */
export async function releaseParked(accountId: string, ports: AccountPorts): Promise<Released> {
  const { ledger, shardCount } = ports;
  const shard = shardOf(accountId, shardCount);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const pending = await loadPending(ledger, shard, accountId);
    if (pending.gap === null && pending.events.length === 0) return { released: 0, opened: null };
    const stored = await findAccount(ledger, accountId, shardCount);
    if (stored === undefined || stored.account === null) return { released: 0, opened: null };
    const held = stored.account.ledgerSequence;
    const folded = await foldParked(stored.account, pending.events, ports);
    const { account, dealtWith, refused } = folded;
    if (account.ledgerSequence > held && !(await saveAccount(ledger, account, held, shardCount))) continue;
    let opened: Gap | null = null;
    if (refused !== null) {
      await keepParkedRefusal(refused.event, refused.refusals, ports);
      opened = await noteRefused(refused.event, refused.refusals, ports);
    }
    const needed = Math.max(pending.gap?.needsSequence ?? 0, opened?.needsSequence ?? 0);
    const isClosed = dealtWith.length === pending.events.length && account.ledgerSequence >= needed;
    await clearPending(ledger, shard, accountId, { sequences: dealtWith, isClosed });
    return { released: folded.released, opened };
  }
  throw new AccountContendedError(`${accountId} was written by others ${attempts} times`);
}

interface Folded {
  readonly account: LedgerAccount;
  /** Sequences that wait no more. */
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

/** An event that waited and is refused when its turn comes is kept as one that is refused at once. */
async function keepParkedRefusal(
  event: AccountEvent,
  refusals: readonly Refusal[],
  { nowMs }: AccountPorts,
): Promise<void> {
  const received_at = new Date(nowMs()).toISOString();
  const reference = `${event.account_id}/${event.ledger_sequence}`;
  await keepRejects({ origin: "account_events", received_at, reference, body: JSON.stringify(event) }, refusals);
}
