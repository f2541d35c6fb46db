/** FNV-1a, 32 bits (Fowler, Noll, Vo; draft-eastlake-fnv): stable on every machine and evenly spread for short ids. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The shard of an account, from 0: fixed for as long as the number of shards is. */
export function shardOf(accountId: string, shardCount: number): number {
  return fnv1a(accountId) % shardCount;
}
