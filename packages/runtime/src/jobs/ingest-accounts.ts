import { applyEvent, findRunaway, type LedgerAccount, type LedgerEvent, type LedgerRefusal } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import {
  type AccountEvent,
  accountEvent,
  type EventClaim,
  eventClaim,
  fromWire,
  type GapReason,
  limits,
  type Refusal,
  type ShardWork,
  shardOf,
  snapshotTimeMs,
} from "@plimsoll/schema";
import {
  clearPending,
  findAccount,
  findNewestSnapshot,
  type Gap,
  getSnapshot,
  loadPending,
  openGap,
  type ParkedEvent,
  parkEvent,
  type StoredAccount,
  saveAccount,
  type Table,
} from "@plimsoll/store";
import { keepRejects, refusalsOf, shownValue } from "../rejects.ts";
import { logger } from "../telemetry.ts";
import { gapText } from "./gap-text.ts";

export interface AccountPorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly shardCount: number;
  /** Wall clock, for the age of what waits. */
  readonly nowMs: () => number;
}

/** Other writers were at the account each time; the message may be tried again. */
export class AccountContendedError extends Error {
  override readonly name = "AccountContendedError";
}

/** As many events of the account wait as may; the next ones stay in the queue, where they end in the dead letters. */
export class TooManyParkedError extends Error {
  override readonly name = "TooManyParkedError";
}

/** Tries against other writers of the same account. */
const attempts = 5;

export interface RefusedEvent {
  readonly kind: "refused";
  readonly refusals: readonly Refusal[];
}

/** What became of an event: `duplicate` is in the account already, `parked` waits for what the account lacks. */
export type AccountOutcome = { readonly kind: "applied" | "duplicate" | "parked" } | RefusedEvent;

/** What an event did, and what followed from it. */
export interface IngestResult {
  readonly outcome: AccountOutcome;
  /** Parked events that this one let be applied. */
  readonly released: number;
  /** What the account lacks since; null where nothing or where the exchange was asked already. */
  readonly opened: Gap | null;
}

/** The event of a message, or why there is none in it. `claim` is what a refused text says of itself. */
export function parseAccountEvent(
  body: string,
): { readonly event: AccountEvent } | (RefusedEvent & { readonly event: null; readonly claim: EventClaim | null }) {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    const refusal = { path: "$", value: shownValue(body), problem: "a JSON text" };
    return { event: null, claim: null, kind: "refused", refusals: [refusal] };
  }
  const parsed = accountEvent.safeParse(input);
  if (parsed.success) return { event: parsed.data };
  const claim = eventClaim.safeParse(input).data ?? null;
  return { event: null, claim, kind: "refused", refusals: refusalsOf(parsed.error, input) };
}

/**
 * Applies one event of the exchange to the ledger, over exactly the state it was computed from (I1), with those that waited
 * for it. One whose turn it is not is parked in the ledger, so that no message waits hidden in the queue: it is applied, or
 * recognised as a duplicate, once what is missing or an account_state has come.
 */
export async function ingestAccountEvent(event: AccountEvent, ports: AccountPorts): Promise<IngestResult> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const stored = await findAccount(ports.ledger, event.account_id, ports.shardCount);
    const held = stored?.ledgerSequence ?? 0;
    const outcome = await tryEvent(stored, event, ports);
    switch (outcome.kind) {
      case "duplicate":
        return { outcome, ...(await releaseParked(event.account_id, ports)) };
      case "refused":
        return { outcome, released: 0, opened: await noteRefused(event, outcome.refusals, ports) };
      case "gap": {
        const opened = await park(event, outcome.reason, ports);
        // Whoever wrote the account meanwhile may have looked for parked events just before this one was there.
        const again = await findAccount(ports.ledger, event.account_id, ports.shardCount);
        if ((again?.ledgerSequence ?? 0) !== held) continue;
        logger.warn(gapText(event.account_id, opened, held, stored), { account_id: event.account_id });
        return { outcome: { kind: "parked" }, released: 0, opened: opened.requests === 0 ? opened : null };
      }
      case "applied":
        if (!(await saveAccount(ports.ledger, outcome.account, held, ports.shardCount))) continue;
        return { outcome, ...(await releaseParked(event.account_id, ports)) };
    }
  }
  throw new AccountContendedError(`${event.account_id} was written by others ${attempts} times`);
}

/** What an event does to an account, or why it does nothing. */
type EventEffect =
  | { readonly kind: "applied"; readonly account: LedgerAccount }
  | { readonly kind: "duplicate" }
  | { readonly kind: "gap"; readonly reason: GapReason }
  | RefusedEvent;

/** What an event does to a stored account; one that cannot be read lacks everything but a newer state. */
async function tryEvent(
  stored: StoredAccount | undefined,
  event: AccountEvent,
  ports: AccountPorts,
): Promise<EventEffect> {
  const { schemaVersion: _, occurredAt: __, ...applied } = fromWire(event);
  const held = stored?.ledgerSequence ?? 0;
  if (stored?.problem) {
    if (event.ledger_sequence <= held) return { kind: "duplicate" };
    const runaway = findRunaway(applied, held, limits);
    if (runaway !== null) return refusedEvent(runaway);
    if (event.kind !== "account_state") return { kind: "gap", reason: "unreadable_account" };
  }
  const instruments = ["fill", "funding"].includes(event.kind)
    ? await loadInstruments(ports.market)
    : new Map<string, Instrument>();
  const outcome = applyEvent(
    stored?.account ?? null,
    applied satisfies LedgerEvent,
    (id) => instruments.get(id),
    limits,
  );
  if (outcome.kind === "refused") return refusedEvent(outcome);
  if (outcome.kind !== "gap") return outcome;
  return { kind: "gap", reason: stored === undefined ? "unknown_account" : "missing_events" };
}

function refusedEvent({ field: path, value, problem }: LedgerRefusal): RefusedEvent {
  return { kind: "refused", refusals: [{ path, value, problem }] };
}

/** Keeps an event for later, then notes the gap: a crash in between repeats the message. */
async function park(event: AccountEvent, reason: GapReason, ports: AccountPorts): Promise<Gap> {
  const { account_id: accountId, ledger_sequence: needsSequence } = event;
  const shard = shardOf(accountId, ports.shardCount);
  const { events } = await loadPending(ports.ledger, shard, accountId);
  const isNew = events.every(({ ledgerSequence }) => ledgerSequence !== needsSequence);
  if (isNew && events.length >= limits.parkedEventsPerAccount) {
    throw new TooManyParkedError(`${events.length} events of ${accountId} wait for an account_state`);
  }
  await parkEvent(ports.ledger, shard, event, ports.nowMs());
  return openGap(ports.ledger, shard, accountId, { reason, openedAtMs: ports.nowMs(), needsSequence, problem: null });
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
  const opened = await openGap(ports.ledger, shardOf(accountId, ports.shardCount), accountId, {
    reason: stored === undefined ? "unknown_account" : "refused_event",
    openedAtMs: ports.nowMs(),
    // A sequence that is refused for itself is none that the account will come to.
    needsSequence: refusals.some(({ path }) => path === "ledger_sequence") ? held + 1 : ledgerSequence,
    problem: `sequence ${ledgerSequence} was refused: ${problems.slice(0, shownProblems).join("; ")}`,
  });
  return opened.requests === 0 ? opened : null;
}

/**
 * Applies parked events whose turn has come, all in one write, and forgets those that the account has. Looks after the
 * account was written, so that an event that is parked at the same moment is seen here or sees the account itself.
 */
async function releaseParked(
  accountId: string,
  ports: AccountPorts,
): Promise<Pick<IngestResult, "released" | "opened">> {
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

/** Definitions by id, of the newest snapshot this process has read. */
let definitions: { readonly snapshotId: string; readonly byId: ReadonlyMap<string, Instrument> } | undefined;

async function loadInstruments(market: Table): Promise<ReadonlyMap<string, Instrument>> {
  const newest = await findNewestSnapshot(market);
  if (newest === undefined) return new Map();
  if (definitions?.snapshotId !== newest.snapshotId) {
    const { instruments } = await getSnapshot(market, newest.snapshotId);
    const byId = new Map(instruments.map(({ instrument }) => [instrument.instrumentId, instrument]));
    definitions = { snapshotId: newest.snapshotId, byId };
  }
  return definitions.byId;
}

/** Shards whose accounts changed, and when they last did. */
export class TouchedShards {
  readonly #newestMs = new Map<number, number>();
  readonly #shardCount: number;

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  get size(): number {
    return this.#newestMs.size;
  }

  /** Notes the shard of an event that came at a time; it cannot have occurred later than that. */
  add(event: AccountEvent, receivedAtMs: number): void {
    const shard = shardOf(event.account_id, this.#shardCount);
    const occurredAtMs = Math.min(Date.parse(event.occurred_at), receivedAtMs);
    this.#newestMs.set(shard, Math.max(this.#newestMs.get(shard) ?? 0, occurredAtMs));
  }

  /** One request per shard for the newest snapshot; none before the first. */
  async requests(market: Table): Promise<ShardWork[]> {
    if (this.size === 0) return [];
    const newest = await findNewestSnapshot(market);
    if (newest === undefined) return [];
    const asOfMs = snapshotTimeMs(newest.snapshotId);
    return [...this.#newestMs].map(([shard, occurredAtMs]) => ({
      schema_version: 1,
      snapshot_id: newest.snapshotId,
      parameters_version: newest.parametersVersion,
      shard,
      shard_count: this.#shardCount,
      reason: "ledger",
      requested_at: new Date(Math.max(asOfMs, occurredAtMs)).toISOString(),
    }));
  }
}
