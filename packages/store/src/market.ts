import type { IndexQuote, SourceMarks, SourceToken, UnderlyingQuotes } from "@plimsoll/oracle";
import type { MarketSnapshot } from "@plimsoll/risk";
import {
  anchorItem,
  compactTime,
  decodeMarks,
  decodeSnapshot,
  decodeToken,
  encodeMarks,
  encodeSnapshot,
  encodeToken,
  limits,
  quoteItem,
  toNumber,
} from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { expiryOf, pack, packChunked, unpack, unpackChunked } from "./packed.ts";
import { findItem, type Item, putItem, queryItems, StoreError, type Table } from "./table.ts";

/** Days a pinned snapshot is kept; what must live longer is copied into a call's bundle. */
const snapshotDays = 35;

/** Packed bytes of a source's marks on one underlying: DynamoDB takes 400 kB with key and attributes. */
const marksBytes = 390_000;

/**
 * What became of a quote: `repeated` is the same observation again, `older` came after a newer one and changed nothing (I1),
 * `oversized` marks are more than a snapshot or an item holds and changed nothing either.
 */
export type QuoteOutcome =
  | { readonly kind: "saved" | "repeated" }
  | { readonly kind: "older"; readonly heldObservedAtMs: number }
  | { readonly kind: "oversized"; readonly allowed: string };

function newerOnly(observedAtMs: number) {
  return {
    expression: "attribute_not_exists(pk) OR observed_at_ms < :observed",
    values: { ":observed": observedAtMs },
  };
}

async function putNewer(market: Table, item: Item & { pk: string; sk: string }): Promise<QuoteOutcome> {
  const outcome = await putItem(market, item, newerOnly(item.observed_at_ms));
  if (outcome.written) return { kind: "saved" };
  const heldObservedAtMs = Number(outcome.existing?.observed_at_ms);
  return heldObservedAtMs === item.observed_at_ms ? { kind: "repeated" } : { kind: "older", heldObservedAtMs };
}

/** Keeps a source's index price, a decimal string in US dollars, unless a newer one is held. */
export function saveIndexQuote(
  market: Table,
  underlying: string,
  quote: { readonly source: string; readonly observedAtMs: number; readonly indexPrice: string },
): Promise<QuoteOutcome> {
  return putNewer(market, {
    pk: keys.quotes(underlying),
    sk: quote.source,
    index_price: quote.indexPrice,
    observed_at_ms: quote.observedAtMs,
  });
}

/** Replaces a source's marks on an underlying, unless newer ones are held. */
export async function saveMarks(market: Table, underlying: string, marks: SourceMarks): Promise<QuoteOutcome> {
  if (marks.instruments.length > limits.instrumentsPerSnapshot) {
    return { kind: "oversized", allowed: `at most ${limits.instrumentsPerSnapshot} instruments` };
  }
  const data = pack(encodeMarks(marks));
  if (data.byteLength > marksBytes) {
    return { kind: "oversized", allowed: `marks of at most ${marksBytes} bytes packed; these are ${data.byteLength}` };
  }
  return putNewer(market, {
    pk: keys.quotes(underlying),
    sk: `${marks.source}${keys.marksSuffix}`,
    observed_at_ms: marks.observedAtMs,
    data,
  });
}

/** Replaces what a source read of a token, unless a newer reading is held. */
export function saveToken(market: Table, token: SourceToken): Promise<QuoteOutcome> {
  return putNewer(market, {
    pk: keys.quotes(token.state.asset),
    sk: `${token.source}${keys.tokenSuffix}`,
    observed_at_ms: token.observedAtMs,
    data: pack(encodeToken(token)),
  });
}

/** Makes an underlying known to the sweeps. */
export async function registerUnderlying(market: Table, underlying: string): Promise<void> {
  await putItem(market, keys.underlying(underlying), { expression: "attribute_not_exists(pk)" });
}

/** All quotes of all underlyings. An item that cannot be read counts as no quote and is named. */
export async function loadQuotes(market: Table): Promise<{ quotes: UnderlyingQuotes[]; unreadable: string[] }> {
  const known = await queryItems(market, { pk: keys.underlying("").pk });
  const unreadable: string[] = [];
  const quotes = await Promise.all(
    known.map(async ({ sk: underlying }): Promise<UnderlyingQuotes> => {
      const index: IndexQuote[] = [];
      const marks: SourceMarks[] = [];
      const tokens: SourceToken[] = [];
      for (const item of await queryItems(market, { pk: keys.quotes(underlying) })) {
        try {
          if (item.sk.endsWith(keys.marksSuffix)) marks.push(decodeMarks(unpack(item.data)));
          else if (item.sk.endsWith(keys.tokenSuffix)) tokens.push(decodeToken(unpack(item.data)));
          else index.push(readIndexQuote(item));
        } catch (error) {
          unreadable.push(`${item.pk} / ${item.sk}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      return { underlying, index, marks, tokens };
    }),
  );
  return { quotes, unreadable };
}

function readIndexQuote(item: Item): IndexQuote {
  const { index_price, observed_at_ms } = quoteItem.parse(item);
  return { source: item.sk, observedAtMs: observed_at_ms, indexPrice: toNumber(index_price) };
}

/** The name of a snapshot and of the parameters its sweep uses. */
export interface SnapshotHead {
  readonly snapshotId: string;
  readonly parametersVersion: string;
}

/**
 * Pins a snapshot with the parameter version of its sweep, and answers the version it is pinned with: one that is there
 * already stays as it is, so that a sweep repeated after an activation goes on with the version it began with.
 */
export async function saveSnapshot(
  market: Table,
  snapshot: MarketSnapshot,
  parametersVersion: string,
  nowMs: number,
): Promise<string> {
  const ttl = expiryOf(nowMs, snapshotDays);
  const key = keys.snapshot(snapshot.snapshotId);
  const packed = await packChunked(market, encodeSnapshot(snapshot), keys.snapshotChunks(snapshot.snapshotId), ttl);
  const item = { ...key, parameters_version: parametersVersion, ttl, ...packed };
  const outcome = await putItem(market, item, { expression: "attribute_not_exists(pk)" });
  return outcome.written ? parametersVersion : String(outcome.existing?.parameters_version ?? parametersVersion);
}

/** A pinned snapshot; throws when it is not there. */
export async function getSnapshot(market: Table, snapshotId: string): Promise<MarketSnapshot> {
  const item = await findItem(market, keys.snapshot(snapshotId));
  if (item === undefined) throw new StoreError(`Snapshot ${snapshotId} is not in ${market.name}`);
  return decodeSnapshot(await unpackChunked(market, item));
}

/** The newest pinned snapshot's name, of those before a time when one is given; undefined when there is none. */
export async function findNewestSnapshot(market: Table, beforeMs?: number): Promise<SnapshotHead | undefined> {
  const [item] = await queryItems(market, {
    pk: keys.snapshot("").pk,
    newestFirst: true,
    limit: 1,
    ...(beforeMs === undefined ? {} : { skBefore: compactTime(beforeMs) }),
  });
  return item && { snapshotId: item.sk, parametersVersion: item.parameters_version };
}

/** The price that moves are measured from, US dollars as a decimal string, and when it was set. */
export interface Anchor {
  readonly indexPrice: string;
  readonly asOfMs: number;
}

export async function findAnchor(market: Table, underlying: string): Promise<Anchor | undefined> {
  const item = await findItem(market, keys.anchor(underlying));
  if (item === undefined) return undefined;
  const { index_price, as_of_ms } = anchorItem.parse(item);
  return { indexPrice: index_price, asOfMs: as_of_ms };
}

/** Sets the anchor of a sweep, unless a newer one is set. */
export async function saveAnchor(market: Table, underlying: string, anchor: Anchor): Promise<void> {
  await putItem(
    market,
    { ...keys.anchor(underlying), index_price: anchor.indexPrice, as_of_ms: anchor.asOfMs },
    { expression: "attribute_not_exists(pk) OR as_of_ms < :asOf", values: { ":asOf": anchor.asOfMs } },
  );
}

/** Moves the anchor if it is still the one that was read: of a burst of quotes one gets true. */
export async function moveAnchor(market: Table, underlying: string, from: Anchor, to: Anchor): Promise<boolean> {
  const outcome = await putItem(
    market,
    { ...keys.anchor(underlying), index_price: to.indexPrice, as_of_ms: to.asOfMs },
    {
      expression: "index_price = :price AND as_of_ms = :asOf",
      values: { ":price": from.indexPrice, ":asOf": from.asOfMs },
    },
  );
  return outcome.written;
}
