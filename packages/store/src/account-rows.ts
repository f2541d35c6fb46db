import { MS_PER_MINUTE } from "@plimsoll/risk";
import {
  blockHead,
  blockPart,
  decodeBlock,
  errorText,
  isAhead,
  type MarginBlock,
  type MarginBlockWire,
  type MarginRow,
} from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { loadBlock } from "./margin.ts";
import { unpack } from "./packed.ts";
import { partOf } from "./parts.ts";
import { findItem, queryItems, StoreError, type Table } from "./table.ts";

/** How long a process relies on what it knows of a shard before it looks again, in milliseconds. */
const memoryMs = MS_PER_MINUTE;

/**
 * Remembers for a process, and for one table, into how many parts the results of each shard are divided. With it the
 * rows of an account take one read. A shard whose results are inside its head needs no memory, as reading the head is
 * that one read.
 */
export class PartMemory {
  readonly #shards = new Map<number, { readonly partCount: number; readonly untilMs: number }>();

  find(shard: number, nowMs: number): number | undefined {
    const known = this.#shards.get(shard);
    return known !== undefined && nowMs < known.untilMs ? known.partCount : undefined;
  }

  note(shard: number, partCount: number, nowMs: number): void {
    this.#shards.set(shard, { partCount, untilMs: nowMs + memoryMs });
  }

  forget(shard: number): void {
    this.#shards.delete(shard);
  }

  clear(): void {
    this.#shards.clear();
  }
}

/** One stored part of a shard's results, with its sort key. */
type StoredPart = ReturnType<typeof blockPart.parse> & { readonly place: string };

/** The latest results of one account, with what they rest on. */
export interface AccountRows {
  /** The snapshot of the shard's results. A row without new figures names its own older one. */
  readonly snapshotId: string;
  readonly parametersVersion: string;
  /** One for each pool, the cross pool first. */
  readonly rows: readonly MarginRow[];
}

/**
 * Finds the latest results of an account in one read, or in two when the process knows nothing of the shard. It takes
 * one more when the results have moved. Returns undefined if there are none. Throws a StoreError if they cannot be read.
 *
 * What is found is for display. It may be of an attempt whose head was not written, as it crashed or lost to another. No
 * row of it states a severity that is not committed, since changes of severity are committed before any part is
 * written. Nothing that decides may rest on it; see loadBlock.
 */
export async function findRows(
  margin: Table,
  shard: number,
  accountId: string,
  nowMs: number,
  memory: PartMemory,
): Promise<AccountRows | undefined> {
  const block = await findBlockOf(margin, shard, accountId, nowMs, memory);
  const rows = block?.rows.filter((row) => row.accountId === accountId) ?? [];
  if (block === undefined || rows.length === 0) return undefined;
  return { snapshotId: block.snapshotId, parametersVersion: block.parametersVersion, rows };
}

/** Finds a block that has all rows of an account, and maybe others, or undefined if the shard has no results. */
async function findBlockOf(
  margin: Table,
  shard: number,
  accountId: string,
  nowMs: number,
  memory: PartMemory,
): Promise<MarginBlock | undefined> {
  const known = memory.find(shard, nowMs);
  if (known !== undefined) {
    const newest = newestOf(await loadPart(margin, shard, known, accountId), nowMs);
    if (newest?.data !== undefined) return readBlock(shard, accountId, newest.data);
    memory.forget(shard);
  }
  // If the results move between the two reads, the second attempt finds where they went.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const item = await findItem(margin, keys.latest(shard));
    if (item === undefined) return undefined;
    const { part_count, part_sk, version } = readable(shard, () => blockHead.parse(item));
    if (part_count === undefined && item.data === undefined) return loadWhole(margin, shard);
    if (part_count === undefined) return readBlock(shard, accountId, item.data);
    const parts = (await loadPart(margin, shard, part_count, accountId)).filter(({ data }) => data !== undefined);
    // A head that a wrong clock dated ahead is shown as long as nothing else is there.
    const found = newestOf(parts, nowMs) ?? parts.find((part) => part.place === part_sk && part.version === version);
    if (found !== undefined) {
      memory.note(shard, part_count, nowMs);
      return readBlock(shard, accountId, found.data);
    }
  }
  throw new StoreError(`the results of shard ${shard} lack the part of ${accountId}: the next sweep writes it anew`);
}

async function loadPart(margin: Table, shard: number, partCount: number, accountId: string): Promise<StoredPart[]> {
  const items = await queryItems(margin, { pk: keys.part(shard, partCount, partOf(accountId, partCount)) });
  return readable(shard, () => items.map((item) => ({ ...blockPart.parse(item), place: String(item.sk) })));
}

/** Loads results that are in chunks, as those of an earlier version of this program may be. */
async function loadWhole(margin: Table, shard: number): Promise<MarginBlock> {
  const { block, problem } = await loadBlock(margin, shard);
  if (block === null) throw new StoreError(`the results of shard ${shard} cannot be read: ${problem}`);
  return block;
}

/** Reads the rows of one account only, as parsing those of all others takes most of the time. */
function readBlock(shard: number, accountId: string, data: unknown): MarginBlock {
  return readable(shard, () => {
    const wire = unpack(data) as MarginBlockWire;
    return decodeBlock({ ...wire, rows: wire.rows.filter((row) => row.account_id === accountId) });
  });
}

function readable<Read>(shard: number, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    throw new StoreError(`the results of shard ${shard} cannot be read: ${errorText(cause)}`, { cause });
  }
}

/**
 * Returns the newest of the stored parts, leaving out those that a wrong clock dated ahead. The snapshot comes first, so
 * that a slow attempt on an older one hides nothing. Of one version a spare counts, as the slot may be a crashed
 * attempt's.
 */
function newestOf(parts: readonly StoredPart[], nowMs: number): StoredPart | undefined {
  return parts
    .filter(({ snapshot_id }) => !isAhead(snapshot_id, nowMs))
    .reduce<StoredPart | undefined>(
      (best, part) => (best !== undefined && isNewer(best, part) ? best : part),
      undefined,
    );
}

function isNewer(a: StoredPart, b: StoredPart): boolean {
  if (a.snapshot_id !== b.snapshot_id) return a.snapshot_id > b.snapshot_id;
  return a.version === b.version ? a.place > b.place : a.version > b.version;
}
