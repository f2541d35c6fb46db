import { type AccountEvent, accountEvent, gapItem } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { expiryOf, pack, unpack } from "./packed.ts";
import { type Item, putItem, queryItems, type Table, updateItem, writeItems } from "./table.ts";

/** Days an event waits for those before it, as long as a dead letter does. */
const parkedDays = 14;

/** That the ledger lacks something of an account, and what was done about it. */
export interface Gap {
  readonly openedAtMs: number;
  /** Closed once the account holds this sequence and nothing waits any more. */
  readonly needsSequence: number;
  /** What was wrong with an event that was refused, and what the account holds once that is mended; null where none was. */
  readonly refused: { readonly sequence: number; readonly problem: string } | null;
  /** How often the exchange was asked. */
  readonly requests: number;
  readonly requestedAtMs: number | null;
}

export interface ParkedEvent {
  readonly ledgerSequence: number;
  /** Null when its item cannot be read. */
  readonly event: AccountEvent | null;
}

/** What an account waits for: its gap, and its events beyond it in order of their sequences. */
export interface Pending {
  readonly gap: Gap | null;
  readonly events: readonly ParkedEvent[];
}

export async function loadPending(ledger: Table, shard: number, accountId: string): Promise<Pending> {
  return readPending(await queryItems(ledger, { pk: keys.pending(shard), skPrefix: keys.pendingOf(accountId) }));
}

/** What each account of a shard waits for, by its id; nothing for the others. */
export async function loadShardPending(ledger: Table, shard: number): Promise<Map<string, Pending>> {
  const items = await queryItems(ledger, { pk: keys.pending(shard) });
  const byAccount = Map.groupBy(items, ({ sk }) => String(sk).split("#")[0] ?? "");
  return new Map([...byAccount].map(([accountId, own]) => [accountId, readPending(own)]));
}

function readPending(items: readonly Item[]): Pending {
  const gap = items.find(({ sk }) => String(sk).endsWith("#GAP"));
  return { gap: gap === undefined ? null : readGap(gap), events: items.filter((item) => item !== gap).map(readParked) };
}

function readGap(item: Item): Gap {
  const { opened_at_ms, needs_sequence, refused, requests, requested_at_ms } = gapItem.parse(item);
  return {
    openedAtMs: opened_at_ms,
    needsSequence: needs_sequence,
    refused,
    requests,
    requestedAtMs: requested_at_ms,
  };
}

function readParked(item: Item): ParkedEvent {
  const ledgerSequence = Number(String(item.sk).split("#")[2]);
  try {
    return { ledgerSequence, event: accountEvent.parse(unpack(item.data)) };
  } catch {
    return { ledgerSequence, event: null };
  }
}

/** Keeps an event for later; one of the same sequence that waits already is replaced by what the exchange says now. */
export async function parkEvent(ledger: Table, shard: number, event: AccountEvent, nowMs: number): Promise<void> {
  const key = keys.parked(shard, event.account_id, event.ledger_sequence);
  await putItem(ledger, { ...key, data: pack(event), ttl: expiryOf(nowMs, parkedDays) });
}

/** Notes that an account lacks something, and returns the gap as it is then: one that is open stays, and may need more. */
export async function openGap(
  ledger: Table,
  shard: number,
  accountId: string,
  gap: Pick<Gap, "openedAtMs" | "needsSequence" | "refused">,
): Promise<Gap> {
  const { openedAtMs: opened_at_ms, needsSequence: needs_sequence, refused } = gap;
  const opened = { opened_at_ms, needs_sequence, refused, requests: 0, requested_at_ms: null };
  const key = keys.gap(shard, accountId);
  const outcome = await putItem(ledger, { ...key, ...opened }, { expression: "attribute_not_exists(pk)" });
  if (outcome.written || outcome.existing === undefined) return readGap(opened);
  const told =
    refused &&
    (await updateItem(ledger, key, {
      expression: "SET refused = :refused",
      values: { ":refused": refused },
      condition: "attribute_exists(pk)",
    }));
  const more = await updateItem(ledger, key, {
    expression: "SET needs_sequence = :needs",
    values: { ":needs": needs_sequence },
    condition: "needs_sequence < :needs",
  });
  return readGap(more ?? told ?? outcome.existing);
}

/** Counts a request before it is sent; false when another sender was first. */
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

/** Undoes `noteRequest` where the request could not be sent. */
export async function takeBackRequest(ledger: Table, shard: number, accountId: string, gap: Gap): Promise<void> {
  await updateItem(ledger, keys.gap(shard, accountId), {
    expression: "SET requests = :known, requested_at_ms = :before",
    values: { ":known": gap.requests, ":noted": gap.requests + 1, ":before": gap.requestedAtMs },
    condition: "requests = :noted",
  });
}

/** Forgets events that wait no more, and the gap where it is closed. */
export async function clearPending(
  ledger: Table,
  shard: number,
  accountId: string,
  { sequences, isClosed }: { readonly sequences: readonly number[]; readonly isClosed: boolean },
): Promise<void> {
  const parked = sequences.map((sequence) => keys.parked(shard, accountId, sequence));
  // The gap goes last: what a crash leaves behind is found by it.
  await writeItems(ledger, { deletes: parked });
  if (isClosed) await writeItems(ledger, { deletes: [keys.gap(shard, accountId)] });
}
