import { MS_PER_DAY, MS_PER_HOUR } from "@plimsoll/risk";
import { keys } from "./keys.ts";
import { findItem, putItem, type Table } from "./table.ts";

/** An unchanged note of a shard's unquoted holdings is written again after this time, in milliseconds. */
const notedEveryMs = 12 * MS_PER_HOUR;

/**
 * Oldest such note that counts, in milliseconds. A shard without unquoted holdings writes none, and sweeps may have
 * paused.
 */
const countsForMs = 30 * MS_PER_DAY;

/** Notes the assets that a shard's accounts hold although nobody quotes them any more; see loadUnquotedHoldings. */
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

/** Loads the assets that accounts hold although nobody quotes them, so that their prices are not forgotten. */
export async function loadUnquotedHoldings(margin: Table, shardCount: number, asOfMs: number): Promise<Set<string>> {
  const shards = Array.from({ length: shardCount }, (_, shard) => findItem(margin, keys.holdings(shard)));
  const counting = (await Promise.all(shards)).filter((item) => Number(item?.as_of_ms) + countsForMs > asOfMs);
  return new Set(counting.flatMap((item): string[] => item?.assets ?? []));
}
