import { type AccountEvent, accountEvent, errorText, gapItem, limits } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { pack, unpack } from "./packed.ts";
import { expiryOf, parkedEventDays } from "./retention.ts";
import { findItem, type Item, putItem, queryItems, type Table, updateItem, writeItems } from "./table.ts";

/** A gap of an account in the ledger, and the requests made about it. */
export interface Gap {
  readonly openedAtMs: number;
  /** The sequence that the account held when the gap was opened. */
  readonly heldSequence: number;
  /** The gap closes once the account holds this sequence and no event waits any more. */
  readonly needsSequence: number;
  /**
   * The problem of a refused event, and the sequence that the account will hold once it is mended. It is null if none
   * was refused.
   */
  readonly refused: { readonly sequence: number; readonly problem: string; readonly atMs: number } | null;
  /** Number of times that the exchange was asked. */
  readonly requests: number;
  readonly requestedAtMs: number | null;
  /** True once the exchange has answered and the events that still wait are those it was asked about. */
  readonly isAnswered: boolean;
  /**
   * Number of waiting events, counted for their limit. It may be too high but never too low, and is corrected each
   * minute.
   */
  readonly waiting: number;
}

export interface ParkedEvent {
  readonly ledgerSequence: number;
  /** Time at which the event was parked; 0 if an older version did not note it. */
  readonly parkedAtMs: number;
  /** Null if the item cannot be read. */
  readonly event: AccountEvent | null;
}

/** What an account waits for: its gap, and the events beyond it in the order of their sequences. */
export interface Pending {
  /** Null if no gap is open, or if its item cannot be read. */
  readonly gap: Gap | null;
  /** Why the gap's item cannot be read. It is absent if there is no problem. */
  readonly gapProblem?: string;
  readonly events: readonly ParkedEvent[];
}

export async function loadPending(ledger: Table, shard: number, accountId: string): Promise<Pending> {
  return readPending(await queryItems(ledger, { pk: keys.pending(shard), skPrefix: keys.pendingOf(accountId) }));
}

/** Loads what the accounts of a shard wait for, by account id. Accounts that wait for nothing are left out. */
export async function loadShardPending(ledger: Table, shard: number): Promise<Map<string, Pending>> {
  const items = await queryItems(ledger, { pk: keys.pending(shard) });
  const byAccount = Map.groupBy(items, ({ sk }) => String(sk).split("#")[0] ?? "");
  return new Map([...byAccount].map(([accountId, own]) => [accountId, readPending(own)]));
}

function readPending(items: readonly Item[]): Pending {
  const item = items.find(({ sk }) => String(sk).endsWith("#GAP"));
  const events = items.filter((other) => other !== item).map(readParked);
  return item === undefined ? { gap: null, events } : { ...tryGap(item), events };
}

/** Reads a gap, or returns the problem with its item. */
function tryGap(item: Item): Pick<Pending, "gap" | "gapProblem"> {
  try {
    return { gap: readGap(item) };
  } catch (error) {
    return { gap: null, gapProblem: errorText(error) };
  }
}

function readGap(item: Item): Gap {
  const { opened_at_ms, held_sequence, needs_sequence, refused, requests, requested_at_ms, answered, waiting } =
    gapItem.parse(item);
  return {
    openedAtMs: opened_at_ms,
    heldSequence: held_sequence,
    needsSequence: needs_sequence,
    refused: refused && { sequence: refused.sequence, problem: refused.problem, atMs: refused.at_ms },
    requests,
    requestedAtMs: requested_at_ms,
    isAnswered: answered,
    waiting,
  };
}

function gapAttributes(gap: Gap): Item {
  const { refused } = gap;
  return {
    opened_at_ms: gap.openedAtMs,
    held_sequence: gap.heldSequence,
    needs_sequence: gap.needsSequence,
    refused: refused && { sequence: refused.sequence, problem: refused.problem, at_ms: refused.atMs },
    requests: gap.requests,
    requested_at_ms: gap.requestedAtMs,
    answered: gap.isAnswered,
    waiting: gap.waiting,
  };
}

function readParked(item: Item): ParkedEvent {
  const ledgerSequence = Number(String(item.sk).split("#")[2]);
  const parkedAtMs = Number(item.parked_at_ms ?? 0);
  try {
    return { ledgerSequence, parkedAtMs, event: accountEvent.parse(unpack(item.data)) };
  } catch {
    return { ledgerSequence, parkedAtMs, event: null };
  }
}

/** Stores an event until those before it arrive. It replaces a waiting event with the same sequence. */
export async function parkEvent(ledger: Table, shard: number, event: AccountEvent, nowMs: number): Promise<void> {
  const key = keys.parked(shard, event.account_id, event.ledger_sequence);
  await putItem(ledger, { ...key, data: pack(event), parked_at_ms: nowMs, ttl: expiryOf(nowMs, parkedEventDays) });
}

/** Finds the first thing that an account waits for: the sequence of an event, or null if there is only the gap. */
export async function findFirstPending(
  ledger: Table,
  shard: number,
  accountId: string,
): Promise<{ readonly ledgerSequence: number | null } | undefined> {
  // The keys of events sort before the key of the gap.
  const [first] = await queryItems(ledger, { pk: keys.pending(shard), skPrefix: keys.pendingOf(accountId), limit: 1 });
  if (first === undefined) return undefined;
  return { ledgerSequence: String(first.sk).endsWith("#GAP") ? null : readParked(first).ledgerSequence };
}

/**
 * Counts one more waiting event of an open gap, unless this event already waits. Returns false if the limit is reached.
 */
export async function takePlace(
  ledger: Table,
  shard: number,
  { account_id: accountId, ledger_sequence: ledgerSequence }: AccountEvent,
): Promise<boolean> {
  if ((await findItem(ledger, keys.parked(shard, accountId, ledgerSequence))) !== undefined) return true;
  const taken = await updateItem(ledger, keys.gap(shard, accountId), {
    expression: "ADD waiting :one",
    values: { ":one": 1, ":limit": limits.parkedEventsPerAccount },
    condition: "attribute_exists(pk) AND (attribute_not_exists(waiting) OR waiting < :limit)",
  });
  // If the gap was closed at this moment, there is no limit to check.
  return taken !== undefined || (await findItem(ledger, keys.gap(shard, accountId))) === undefined;
}

/** Corrects the number of waiting events that a gap counts. */
export async function correctWaiting(ledger: Table, shard: number, accountId: string, waiting: number): Promise<void> {
  await updateItem(ledger, keys.gap(shard, accountId), {
    expression: "SET waiting = :waiting",
    values: { ":waiting": waiting },
    condition: "attribute_exists(pk)",
  });
}

/**
 * Opens a gap and returns it as it is stored. An open gap stays and may need a higher sequence. If the account has
 * advanced since it was opened, or the exchange has answered, something else is missing now: the gap then starts anew
 * with a request of its own.
 */
export async function openGap(
  ledger: Table,
  shard: number,
  accountId: string,
  gap: Pick<Gap, "openedAtMs" | "heldSequence" | "needsSequence" | "refused">,
): Promise<Gap> {
  const { needsSequence, heldSequence } = gap;
  const opened = gapAttributes({ ...gap, requests: 0, requestedAtMs: null, isAnswered: false, waiting: 0 });
  const key = keys.gap(shard, accountId);
  const outcome = await putItem(ledger, { ...key, ...opened }, { expression: "attribute_not_exists(pk)" });
  if (outcome.written || outcome.existing === undefined) return readGap(opened);
  const existing = tryGap(outcome.existing).gap;
  if (existing === null) {
    // A gap that cannot be read is replaced.
    await putItem(ledger, { ...key, ...opened });
    return readGap(opened);
  }
  const renewed =
    (existing.isAnswered || existing.heldSequence < heldSequence) &&
    (await updateItem(ledger, key, {
      expression:
        "SET opened_at_ms = :now, held_sequence = :held, requests = :none, requested_at_ms = :never, answered = :no",
      values: {
        ":now": gap.openedAtMs,
        ":held": heldSequence,
        ":none": 0,
        ":never": null,
        ":no": false,
        ":known": existing.requests,
      },
      condition: "requests = :known",
    }));
  const told =
    gap.refused &&
    (await updateItem(ledger, key, {
      expression: "SET refused = :refused",
      values: { ":refused": opened.refused },
      condition: "attribute_exists(pk)",
    }));
  const more = await updateItem(ledger, key, {
    expression: "SET needs_sequence = :needs",
    values: { ":needs": needsSequence },
    condition: "needs_sequence < :needs",
  });
  return readGap(more ?? (told || renewed || outcome.existing));
}

/** Replaces a gap by one that was derived from it. Returns false if another writer was first. */
export async function replaceGap(
  ledger: Table,
  shard: number,
  accountId: string,
  { from, to }: { readonly from: Gap; readonly to: Gap },
): Promise<boolean> {
  const attributes = Object.entries(gapAttributes(to));
  const replaced = await updateItem(ledger, keys.gap(shard, accountId), {
    expression: `SET ${attributes.map(([name]) => `${name} = :${name}`).join(", ")}`,
    values: {
      ...Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
      ":known_requests": from.requests,
      ":known_needs": from.needsSequence,
    },
    condition: "requests = :known_requests AND needs_sequence = :known_needs",
  });
  return replaced !== undefined;
}

/** Counts a request before it is sent. Returns false if another sender was first. */
export async function noteRequest(
  ledger: Table,
  shard: number,
  accountId: string,
  { requests }: Gap,
  nowMs: number,
): Promise<boolean> {
  const noted = await updateItem(ledger, keys.gap(shard, accountId), {
    expression: "SET requests = :next, requested_at_ms = :now",
    values: { ":known": requests, ":next": requests + 1, ":now": nowMs },
    condition: "requests = :known",
  });
  return noted !== undefined;
}

/** Reverts `noteRequest` if the request could not be sent. */
export async function takeBackRequest(ledger: Table, shard: number, accountId: string, gap: Gap): Promise<void> {
  await updateItem(ledger, keys.gap(shard, accountId), {
    expression: "SET requests = :known, requested_at_ms = :before",
    values: { ":known": gap.requests, ":noted": gap.requests + 1, ":before": gap.requestedAtMs },
    condition: "requests = :noted",
  });
}

/** Deletes events that no longer wait, and the gap if it is closed. */
export async function clearPending(
  ledger: Table,
  shard: number,
  accountId: string,
  { sequences, isClosed }: { readonly sequences: readonly number[]; readonly isClosed: boolean },
): Promise<void> {
  const parked = sequences.map((sequence) => keys.parked(shard, accountId, sequence));
  // The gap is deleted last, so that what a crash leaves behind is still found by it.
  await writeItems(ledger, { deletes: parked });
  if (isClosed) await writeItems(ledger, { deletes: [keys.gap(shard, accountId)] });
}
