import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { type Item, type Key, putItem, queryItems, StoreError, type Table } from "./table.ts";

/** Most packed bytes of one item. DynamoDB allows 400 kB; the rest is for keys and attributes. */
export const chunkBytes = 300_000;

/** Most unpacked bytes accepted. A small item that unpacks to more was not written by us. */
const unpackedLimit = 256 * 1024 * 1024;

/** The place of the packed bytes: in the item itself, or in chunks whose name depends on the content. */
export type PackedAttributes =
  | { readonly data: Uint8Array }
  | { readonly chunk_pk: string; readonly chunk_count: number };

export function pack(value: unknown): Uint8Array {
  return deflateRawSync(JSON.stringify(value));
}

/** Unpacks the value of an item; throws if it cannot be unpacked. */
export function unpack(data: unknown): unknown {
  if (!(data instanceof Uint8Array)) throw new StoreError(`Packed data is ${typeof data}, not binary`);
  return JSON.parse(inflateRawSync(data, { maxOutputLength: unpackedLimit }).toString("utf8"));
}

/**
 * Packs a value for an item. If it is too large, it is first written to chunks under a name unique to the content, so
 * that the item, which is written last, is complete as soon as it exists.
 */
export async function packChunked(
  table: Table,
  value: unknown,
  chunkPrefix: string,
  /** Time from which the chunks may be deleted, in seconds since 1970. Without it they are kept for ever. */
  ttl?: number,
): Promise<PackedAttributes> {
  const data = pack(value);
  if (data.byteLength <= chunkBytes) return { data };
  const chunk_pk = `${chunkPrefix}#${createHash("sha256").update(data).digest("hex").slice(0, 16)}`;
  const chunk_count = Math.ceil(data.byteLength / chunkBytes);
  for (let index = 0; index < chunk_count; index += 1) {
    const chunk = data.subarray(index * chunkBytes, (index + 1) * chunkBytes);
    const key = { pk: chunk_pk, sk: chunkSortKey(index) };
    await putItem(table, { ...key, data: chunk, ttl });
  }
  return { chunk_pk, chunk_count };
}

function chunkSortKey(index: number): string {
  return `CHUNK#${String(index).padStart(3, "0")}`;
}

/** Unpacks the value of an item from the item or its chunks. */
export async function unpackChunked(table: Table, item: Item): Promise<unknown> {
  if (item.chunk_pk === undefined) return unpack(item.data);
  const chunks = await queryItems(table, { pk: item.chunk_pk });
  if (chunks.length !== item.chunk_count) {
    throw new StoreError(`${item.chunk_pk} has ${chunks.length} chunks of ${item.chunk_count}`);
  }
  return unpack(Buffer.concat(chunks.map((chunk) => chunk.data as Uint8Array)));
}

/** Returns the keys of an item's chunks, or none if it has no chunks. */
export function chunkKeys(item: Item | PackedAttributes | undefined): Key[] {
  if (item === undefined || !("chunk_pk" in item)) return [];
  return Array.from({ length: item.chunk_count }, (_, index) => ({ pk: item.chunk_pk, sk: chunkSortKey(index) }));
}
