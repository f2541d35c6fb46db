import { MS_PER_DAY, MS_PER_HOUR } from "@plimsoll/risk";
import { keys } from "./keys.ts";
import { findItem, putItem, type Table } from "./table.ts";

/** What a shard's accounts hold of assets that nobody quotes is noted so often while it stays the same. */
const notedEveryMs = 12 * MS_PER_HOUR;

/** How old such a note may be and still count: a shard that holds none any more writes none, and sweeps may have paused. */
const countsForMs = 30 * MS_PER_DAY;

/** Notes what accounts of a shard hold that nobody quotes any more; see loadUnquotedHoldings. */
export async function noteUnquotedHoldings(
  margin: Table,
  shard: number,
  held: readonly string[],
  asOfMs: number,
): Promise<void> {
  const assets = [...held].sort();
  const known = await findItem(margin, keys.holdings(shard));
  const isSame = JSON.stringify(known?.assets) === JSON.stringify(assets);
  if (isSame && Number(known?.as_of_ms) + notedEveryMs > asOfMs) return;
  await putItem(margin, { ...keys.holdings(shard), assets, as_of_ms: asOfMs });
}

/** What accounts hold that nobody quotes: it must not be forgotten. */
export async function loadUnquotedHoldings(margin: Table, shardCount: number, asOfMs: number): Promise<Set<string>> {
  const shards = Array.from({ length: shardCount }, (_, shard) => findItem(margin, keys.holdings(shard)));
  const counting = (await Promise.all(shards)).filter((item) => Number(item?.as_of_ms) + countsForMs > asOfMs);
  return new Set(counting.flatMap((item): string[] => item?.assets ?? []));
}
