import { MS_PER_HOUR } from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { putItem, queryItems, StoreError, type Table } from "./table.ts";

/** An underlying is noted as quoted again after this many milliseconds. One write notes all of them. */
const notedEveryMs = 12 * MS_PER_HOUR;

/** Attempts to write the list while others write it too. */
const attempts = 8;

/**
 * Loads the underlyings of a stage, each with the time at which it was last known to be quoted. The time is null for
 * those that an earlier version registered one by one.
 */
export async function loadUnderlyings(market: Table): Promise<ReadonlyMap<string, number | null>> {
  return (await loadKnown(market)).all;
}

interface Known {
  /** All underlyings, sorted by name. */
  readonly all: ReadonlyMap<string, number | null>;
  readonly listed: ReadonlyMap<string, number>;
  readonly revision: number;
}

async function loadKnown(market: Table): Promise<Known> {
  const items = await queryItems(market, { pk: keys.underlyings.pk });
  const list = items.find(({ sk }) => sk === keys.underlyings.sk);
  const listed = new Map<string, number>(Object.entries(list?.quoted_at_ms ?? {}));
  const earlier = items.filter((item) => item !== list).map(({ sk }) => [sk as string, null] as const);
  const all = new Map<string, number | null>([...earlier, ...listed].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { all, listed, revision: Number(list?.revision ?? 0) };
}

/**
 * Notes that underlyings are quoted at a time. New ones are added to the sweeps while the stage has room. Returns those
 * for which it has none.
 */
export async function noteQuoted(market: Table, quoted: readonly string[], atMs: number): Promise<ReadonlySet<string>> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { all, listed, revision } = await loadKnown(market);
    const room = Math.max(0, limits.underlyingsPerStage - all.size);
    const beyond = new Set(quoted.filter((underlying) => !all.has(underlying)).slice(room));
    const due = quoted.filter(
      (underlying) =>
        !beyond.has(underlying) && (listed.get(underlying) ?? Number.NEGATIVE_INFINITY) + notedEveryMs <= atMs,
    );
    if (due.length === 0) return beyond;
    const next = new Map([...listed, ...due.map((underlying) => [underlying, atMs] as const)]);
    if (await replaceList(market, next, revision)) return beyond;
  }
  throw new StoreError(`The underlyings of ${market.name} were written by others ${attempts} times`);
}

/** Removes underlyings from the sweeps that nobody has quoted since a time. Their daily history stays. */
export async function forgetUnderlyings(market: Table, unused: readonly string[], sinceMs: number): Promise<void> {
  const { listed, revision } = await loadKnown(market);
  const forgotten = new Set(unused.filter((underlying) => (listed.get(underlying) ?? sinceMs) < sinceMs));
  if (forgotten.size === 0) return;
  // If another writer was first, the next sweep tries again.
  await replaceList(market, new Map([...listed].filter(([underlying]) => !forgotten.has(underlying))), revision);
}

async function replaceList(market: Table, quotedAtMs: ReadonlyMap<string, number>, revision: number): Promise<boolean> {
  const outcome = await putItem(
    market,
    { ...keys.underlyings, quoted_at_ms: Object.fromEntries(quotedAtMs), revision: revision + 1 },
    revision === 0
      ? { expression: "attribute_not_exists(pk)" }
      : { expression: "revision = :revision", values: { ":revision": revision } },
  );
  return outcome.written;
}
