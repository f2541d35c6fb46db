/**
 * The 32-bit FNV-1a hash (Fowler, Noll, Vo; draft-eastlake-fnv). It is the same on every machine and spreads short ids
 * evenly.
 */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Returns the shard of an account, counted from 0. It changes only if the number of shards does. */
export function shardOf(accountId: string, shardCount: number): number {
  return fnv1a(accountId) % shardCount;
}
