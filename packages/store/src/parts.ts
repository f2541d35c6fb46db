import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { blockPart, contentHash, decodeBlock, type MarginBlock, type MarginBlockWire, shardOf } from "@plimsoll/schema";
import { mapAsync } from "es-toolkit/array";
import { keys } from "./keys.ts";
import { chunkBytes, pack, unpack } from "./packed.ts";
import { findItems, type Item, type Key, putItem, StoreError, type Table } from "./table.ts";

/** Most packed bytes of results that the head holds itself. To read them costs four read units. */
const insideBytes = 16_000;

/** Most packed bytes of a part on average. A partition holds two parts, and to read both costs four or five read units. */
const partBytes = 8_000;

/** Most parts of a shard. Only results of more than 8 MB, packed, have larger parts. */
const partsMost = 1_024;

/** Number of parts that are written at the same time. It is below the number of a client's connections. */
const partsAtOnce = 24;

/** The place of a shard's results that are divided into parts, as the head states it. */
export interface PartAttributes {
  readonly part_count: number;
  readonly part_sk: string;
}

/** What a block and its parts are written for: the version of the head, and the time from which parts may be deleted. */
export interface PartVersion {
  readonly version: number;
  /** In seconds since 1970. */
  readonly ttl: number;
}

/**
 * Returns the number of parts for results of a size, a power of two, or 0 if the head holds them itself. The number
 * `before` is kept while it nearly fits, since each change costs writes and repeated reads.
 */
export function partCountOf(packedBytes: number, before: number): number {
  if (packedBytes <= (before === 0 ? insideBytes : insideBytes / 2)) return 0;
  const needed = Math.min(partsMost, 2 ** Math.ceil(Math.log2(packedBytes / partBytes)));
  return before > needed && packedBytes > 0.4 * partBytes * before ? before : needed;
}

/**
 * Returns the part of an account, counted from 0. The last bits of the hash that chooses the shard are the same for all
 * accounts of a shard, and stay so whatever is added to the id. So the part rests on the digits of another hash.
 */
export function partOf(accountId: string, partCount: number): number {
  return shardOf(contentHash(accountId), partCount);
}

/** Returns where an item says that its parts are, or undefined if it has none. */
export function partsOfItem(item: Item | undefined): PartAttributes | undefined {
  return item?.part_count === undefined ? undefined : { part_count: item.part_count, part_sk: item.part_sk };
}

function partKeys(shard: number, { part_count, part_sk }: PartAttributes): Key[] {
  return Array.from({ length: part_count }, (_, part) => ({ pk: keys.part(shard, part_count, part), sk: part_sk }));
}

/** Returns the keys of parts outside of the slots, which nothing would ever write over. */
export function spareKeys(shard: number, item: Item | undefined): Key[] {
  const parts = partsOfItem(item);
  return parts === undefined || /^SLOT#/.test(parts.part_sk) ? [] : partKeys(shard, parts);
}

/**
 * Writes an item of a slot, unless the slot has one of the same version or a newer. So two attempts at a version never
 * write over each other's parts, and a slow one never over those of a newer version. Returns whether the slot has what
 * was to be written.
 */
async function putInSlot(
  margin: Table,
  item: Key & PartVersion & { readonly snapshot_id: string; readonly data?: Uint8Array },
): Promise<boolean> {
  const outcome = await putItem(margin, item, {
    expression: "attribute_not_exists(pk) OR version < :version",
    values: { ":version": item.version },
  });
  if (outcome.written) return true;
  const { version, data } = outcome.existing ?? {};
  return version === item.version && isDeepStrictEqual(Buffer.from(data ?? []), Buffer.from(item.data ?? []));
}

/**
 * Writes results in parts, each with all rows of its accounts. They go into the slots of their version, or to a place of
 * their own if another attempt at the version used one of these. Returns where they are, or undefined if the rows of one
 * account are too large for an item.
 */
export async function writeParts(
  margin: Table,
  block: MarginBlockWire,
  part_count: number,
  { version, ttl }: PartVersion,
): Promise<PartAttributes | undefined> {
  const rows = Map.groupBy(block.rows, ({ account_id }) => partOf(account_id, part_count));
  const parts = Array.from({ length: part_count }, (_, part) => ({
    data: pack({ ...block, rows: rows.get(part) ?? [] }),
  }));
  if (parts.some(({ data }) => data.byteLength > chunkBytes)) return undefined;
  const itemsAt = (part_sk: string) =>
    parts.map(({ data }, part) => {
      const key = { pk: keys.part(block.shard, part_count, part), sk: part_sk };
      return { ...key, version, snapshot_id: block.snapshot_id, data, ttl };
    });
  const slot = keys.partSlot(version);
  const written = await mapAsync(itemsAt(slot), (item) => putInSlot(margin, item), { concurrency: partsAtOnce });
  if (written.every(Boolean)) return { part_count, part_sk: slot };
  const hash = createHash("sha256");
  for (const { data } of parts) hash.update(data);
  const spare = keys.partSpare(version, hash.digest("hex").slice(0, 16));
  await mapAsync(itemsAt(spare), (item) => putItem(margin, item), { concurrency: partsAtOnce });
  return { part_count, part_sk: spare };
}

/**
 * Says to readers that remember a number of parts that the results are no longer divided so: what it writes to each part
 * is newer than the results there. What other attempts at the version wrote stays. What is left expires.
 */
export async function retireParts(
  margin: Table,
  { shard, snapshotId }: MarginBlock,
  part_count: number,
  { version, ttl }: PartVersion,
): Promise<void> {
  await mapAsync(
    partKeys(shard, { part_count, part_sk: keys.partSlot(version) }),
    (key) => putInSlot(margin, { ...key, version, snapshot_id: snapshotId, ttl }),
    { concurrency: partsAtOnce },
  );
}

/** Loads a whole block from its parts. Throws a StoreError unless all are there with the version of the head. */
export async function loadParts(
  margin: Table,
  shard: number,
  head: PartAttributes & { readonly version: number },
): Promise<MarginBlock> {
  const items = await findItems(margin, partKeys(shard, head));
  const parts = items.map((item) => blockPart.parse(item)).filter(({ version }) => version === head.version);
  if (parts.length !== head.part_count) {
    throw new StoreError(`version ${head.version} of shard ${shard} has ${parts.length} parts of ${head.part_count}`);
  }
  const blocks = parts.map(({ data }) => decodeBlock(unpack(data)));
  const rows = blocks.flatMap((block) => block.rows);
  // The rows of an account are in one part and stay in their order.
  rows.sort((a, b) => (a.accountId < b.accountId ? -1 : Number(a.accountId > b.accountId)));
  return { ...blocks[0]!, rows };
}
