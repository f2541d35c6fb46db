import { type MarketSnapshot, MS_PER_DAY } from "@plimsoll/risk";
import { noteUnquotedHoldings, type Table } from "@plimsoll/store";
import type { StoredPool } from "./stored-pools.ts";

/**
 * An underlying that nobody has quoted for this many milliseconds is noted if accounts hold it, so that it is not
 * forgotten.
 */
const unquotedMs = MS_PER_DAY;

/** Notes the holdings of underlyings that are no longer quoted. Usually there are none. */
export async function noteHoldings(
  margin: Table,
  shard: number,
  { asOfMs, underlyings, tokens = [], instruments }: MarketSnapshot,
  pools: readonly StoredPool[],
): Promise<void> {
  const quoted = new Set([
    "USD",
    ...underlyings.flatMap(({ underlying, priceAgeMs }) => (priceAgeMs < unquotedMs ? underlying : [])),
    ...tokens.map(({ asset }) => asset),
  ]);
  const underlyingOf = new Map(instruments.map(({ instrument }) => [instrument.instrumentId, instrument.underlying]));
  const held = new Set<string>();
  for (const { contents } of pools) {
    for (const { asset } of contents?.pool.collateral ?? []) held.add(asset);
    for (const { instrumentId } of contents?.pool.positions ?? []) held.add(underlyingOf.get(instrumentId) ?? "USD");
  }
  const unquoted = [...held].filter((asset) => !quoted.has(asset));
  if (unquoted.length > 0) await noteUnquotedHoldings(margin, shard, unquoted, asOfMs);
}
