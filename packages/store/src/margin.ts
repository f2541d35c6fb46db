import type { CallState } from "@plimsoll/calls";
import {
  blockHead,
  type CallEvent,
  decodeBlock,
  encodeBlock,
  errorText,
  firstIdAhead,
  fromWire,
  historyItem,
  type MarginBlock,
  stateItem,
  toWire,
} from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { markItem } from "./outbox.ts";
import { chunkKeys, type PackedAttributes, pack, packChunked, unpackChunked } from "./packed.ts";
import {
  loadParts,
  type PartAttributes,
  type PartVersion,
  partCountOf,
  partsOfItem,
  retireParts,
  spareKeys,
  writeParts,
} from "./parts.ts";
import { expiryOf, marginHistoryDays, snapshotDays } from "./retention.ts";
import {
  findItem,
  findItems,
  type Item,
  type Key,
  putItem,
  queryItems,
  type Table,
  type TransactionPart,
  writeItems,
  writeTogether,
} from "./table.ts";

/** The latest results of a shard as they were read, with what a writer needs to replace them. */
export interface StoredBlock {
  /** The version is 0 if there is no block yet. */
  readonly version: number;
  readonly snapshotId: string | null;
  /** Null if there is no block, or if it cannot be read. */
  readonly block: MarginBlock | null;
  /** Why the block cannot be read. It is null if it can, or if there is none. */
  readonly problem: string | null;
  /**
   * True if changes of severity may be committed that the rows lack: an attempt took the shard, but its block was not
   * written. The next attempt must then take the shard and read the accounts' states.
   */
  readonly mayLag: boolean;
  /** The name of the attempt that took the shard last; empty if none did. */
  readonly attempt: string;
  /**
   * The snapshot of that attempt. It is null if no attempt took the shard, or if an earlier version of this program
   * did.
   */
  readonly takenForSnapshotId: string | null;
  readonly item: Item | undefined;
}

export async function loadBlock(margin: Table, shard: number): Promise<StoredBlock> {
  // This is read before the block. If an attempt takes the shard in between, replacing the block will fail.
  const holder = await findItem(margin, keys.transitions(shard));
  const taken = String(holder?.attempt ?? "");
  const takenForSnapshotId = typeof holder?.snapshot_id === "string" ? holder.snapshot_id : null;
  const item = await findItem(margin, keys.latest(shard));
  if (item === undefined) {
    const none = { version: 0, snapshotId: null, block: null, problem: null };
    return { ...none, mayLag: taken !== "", attempt: taken, takenForSnapshotId, item };
  }
  const head = blockHead.parse(item);
  const known = {
    version: head.version,
    snapshotId: head.snapshot_id,
    mayLag: taken !== head.transitions,
    attempt: taken,
    takenForSnapshotId,
    item,
  };
  try {
    const parts = partsOfItem(item);
    const block =
      parts === undefined
        ? decodeBlock(await unpackChunked(margin, item))
        : await loadParts(margin, shard, { ...parts, version: head.version });
    return { ...known, block, problem: null };
  } catch (error) {
    return { ...known, block: null, problem: errorText(error) };
  }
}

/** One attempt at a shard, with a unique name and the snapshot that it works on. */
export interface ShardAttempt {
  readonly name: string;
  readonly snapshotId: string;
}

/**
 * Takes the shard for an attempt that will change severities. From then on no earlier attempt can commit. Returns false
 * if another attempt took the shard since the block was read.
 */
export async function takeShard(
  margin: Table,
  shard: number,
  from: StoredBlock,
  { name, snapshotId }: ShardAttempt,
): Promise<boolean> {
  const outcome = await putItem(
    margin,
    { ...keys.transitions(shard), attempt: name, snapshot_id: snapshotId },
    from.attempt === ""
      ? { expression: "attribute_not_exists(pk)" }
      : { expression: "attempt = :known", values: { ":known": from.attempt } },
  );
  return outcome.written;
}

/**
 * Replaces a shard's results if they still have the version that was read, so that an older snapshot or a slower writer
 * never replaces newer results (I1). `transitions` is the last attempt whose changes of severity the rows contain. What
 * the head names is written before it, and what it no longer names is removed after it.
 */
export async function saveBlock(
  margin: Table,
  block: MarginBlock,
  replaced: StoredBlock,
  transitions: string,
  nowMs: number,
): Promise<boolean> {
  const written: PartVersion = { version: replaced.version + 1, ttl: expiryOf(nowMs, snapshotDays) };
  const before = partsOfItem(replaced.item)?.part_count ?? 0;
  const place = await placeBlock(margin, block, before, written);
  const isMoved = before > 0 && before !== ("part_count" in place ? place.part_count : 0);
  // The slot whose turn it is has parts that no head names, so that this takes nothing from a reader if the head fails.
  if (isMoved) await retireParts(margin, block, before, written);
  const item = {
    ...keys.latest(block.shard),
    version: written.version,
    snapshot_id: block.snapshotId,
    parameters_version: block.parametersVersion,
    transitions,
    ...place,
  };
  const outcome = await putItem(
    margin,
    item,
    replaced.version === 0
      ? { expression: "attribute_not_exists(pk)" }
      : { expression: "version = :version", values: { ":version": replaced.version } },
  );
  const [unused, used] = outcome.written ? [replaced.item, item] : [item, outcome.existing];
  const kept = new Set(removableKeys(block.shard, used).map(({ pk, sk }) => `${pk} ${sk}`));
  const deletes = removableKeys(block.shard, unused).filter(({ pk, sk }) => !kept.has(`${pk} ${sk}`));
  await writeItems(margin, { deletes });
  return outcome.written;
}

/**
 * Writes the results where their size wants them, and returns what the head says of that: the results themselves if they
 * are small, else their parts. Chunks are for an account whose rows fill more than an item.
 */
async function placeBlock(
  margin: Table,
  block: MarginBlock,
  partsBefore: number,
  { version, ttl }: PartVersion,
): Promise<PackedAttributes | PartAttributes> {
  const wire = encodeBlock(block);
  const data = pack(wire);
  const partCount = partCountOf(data.byteLength, partsBefore);
  if (partCount === 0) return { data };
  const parts = await writeParts(margin, wire, partCount, { version, ttl });
  return parts ?? packChunked(margin, wire, keys.blockChunks(block.shard, block.snapshotId, version), ttl);
}

/** Returns the keys of what a head names and nothing would write over. */
function removableKeys(shard: number, head: Item | undefined): Key[] {
  return [...chunkKeys(head), ...spareKeys(shard, head)];
}

/** The committed call state of one pool, with the snapshot and ledger sequence that it was decided on. */
export interface StoredState extends CallState {
  /** The name of the pool; see poolKeyOf. */
  readonly poolKey: string;
  readonly snapshotId: string;
  readonly ledgerSequence: number;
}

function bookOf(item: Item): string {
  return String(item.pk).slice(keys.account("").length);
}

function readState(item: Item): StoredState {
  const { severity, sequence, call_id, opened_at_ms, snapshot_id, ledger_sequence } = stateItem.parse(item);
  return {
    poolKey: bookOf(item),
    severity,
    sequence,
    call: call_id === null || opened_at_ms === null ? null : { callId: call_id, openedAtMs: opened_at_ms },
    snapshotId: snapshot_id,
    ledgerSequence: ledger_sequence,
  };
}

/** Finds the state of a pool, or undefined if it never had a call. */
export async function findState(margin: Table, poolKey: string): Promise<StoredState | undefined> {
  const item = await findItem(margin, keys.state(poolKey));
  return item && readState(item);
}

/** States of pools, and the problems of those whose items cannot be read. */
export interface StoredStates {
  readonly states: ReadonlyMap<string, StoredState>;
  readonly problems: ReadonlyMap<string, string>;
}

/** Finds states by the names of their pools. A pool that never had a call is in neither map. */
export async function findStates(margin: Table, poolKeys: readonly string[]): Promise<StoredStates> {
  const states = new Map<string, StoredState>();
  const problems = new Map<string, string>();
  for (const item of await findItems(margin, poolKeys.map(keys.state))) {
    try {
      const state = readState(item);
      states.set(state.poolKey, state);
    } catch (error) {
      problems.set(bookOf(item), errorText(error));
    }
  }
  return { states, problems };
}

/** A change of severity to be committed. */
export interface CommittedChange {
  readonly state: StoredState;
  readonly event: CallEvent;
}

/**
 * Most changes of severity in one transaction. Each takes three items and the shard takes one, of the hundred that
 * DynamoDB allows.
 */
export const changesPerCommit = 33;

/**
 * Commits all changes of severity or none, each with its event and a mark that it is unpublished. Each pool must still
 * be in the state before the change, no newer snapshot or ledger sequence may be stored (I1, I3), and the shard must
 * still belong to the attempt. Returns false if any of this does not hold.
 */
export async function commitChanges(
  margin: Table,
  shard: number,
  attempt: string,
  changes: readonly CommittedChange[],
  nowMs: number,
): Promise<boolean> {
  const isHeld = { expression: "attempt = :attempt", values: { ":attempt": attempt } };
  const outcome = await writeTogether(margin, [
    { check: keys.transitions(shard), condition: isHeld },
    ...changes.flatMap(({ state, event }): TransactionPart[] => [
      putState(state, nowMs),
      putEvent(state, event),
      { put: markItem(state.poolKey, state.sequence, nowMs) },
    ]),
  ]);
  return outcome.written;
}

function putState(state: StoredState, nowMs: number): TransactionPart {
  const expected = state.sequence - 1;
  return {
    put: {
      ...keys.state(state.poolKey),
      severity: state.severity,
      sequence: state.sequence,
      call_id: state.call?.callId ?? null,
      opened_at_ms: state.call?.openedAtMs ?? null,
      snapshot_id: state.snapshotId,
      ledger_sequence: state.ledgerSequence,
    },
    condition:
      expected === 0
        ? { expression: "attribute_not_exists(pk)" }
        : {
            // A state from a snapshot ahead of the clock does not count as newer.
            expression:
              "#sequence = :expected AND (snapshot_id <= :snapshot OR snapshot_id >= :ahead) AND ledger_sequence <= :ledger",
            names: { "#sequence": "sequence" },
            values: {
              ":expected": expected,
              ":snapshot": state.snapshotId,
              ":ahead": firstIdAhead(nowMs),
              ":ledger": state.ledgerSequence,
            },
          },
  };
}

function putEvent(state: StoredState, event: CallEvent): TransactionPart {
  return {
    put: { ...keys.event(state.poolKey, state.sequence), event_id: event.event_id, data: pack(event) },
    condition: { expression: "attribute_not_exists(pk)" },
  };
}

/** One point of a pool's margin history. */
export interface HistoryPoint {
  readonly poolKey: string;
  readonly asOf: string;
  readonly snapshotId: string;
  readonly marginRatio: string | null;
  readonly marginBalance: string;
  readonly initialMargin: string;
  readonly maintenanceMargin: string;
  readonly currency: string;
}

export async function saveHistory(margin: Table, points: readonly HistoryPoint[], nowMs: number): Promise<void> {
  const ttl = expiryOf(nowMs, marginHistoryDays);
  const puts = points.map(({ poolKey, asOf, ...figures }) => ({
    ...keys.history(poolKey, asOf),
    ...toWire(figures),
    ttl,
  }));
  await writeItems(margin, { puts });
}

/** A span of a pool's history, from one time up to another, and how many points of it. */
export interface HistorySpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

/** Loads the newest history points of a pool within a span, newest first. */
export async function loadHistoryPoints(
  margin: Table,
  poolKey: string,
  { fromMs, toMs, limit }: HistorySpan,
): Promise<HistoryPoint[]> {
  const { pk } = keys.history(poolKey, "");
  const skBetween = [fromMs, toMs].map((ms) => keys.history(poolKey, new Date(ms).toISOString()).sk);
  const items = await queryItems(margin, { pk, skBetween: skBetween as [string, string], newestFirst: true, limit });
  return items.map(({ sk, ...item }) => {
    return {
      poolKey,
      asOf: String(sk).slice(keys.history(poolKey, "").sk.length),
      ...fromWire(historyItem.parse(item)),
    };
  });
}
