import type { IndexQuote, SourceMarks, SourceToken, UnderlyingQuotes } from "@plimsoll/oracle";
import { type MarketSnapshot, MS_PER_MINUTE } from "@plimsoll/risk";
import {
  anchorItem,
  clockToleranceMs,
  compactTime,
  decodeMarks,
  decodeSnapshot,
  decodeToken,
  encodeMarks,
  encodeSnapshot,
  encodeToken,
  errorText,
  limits,
  quoteItem,
  toNumber,
} from "@plimsoll/schema";
import { mapAsync } from "es-toolkit/array";
import { keys } from "./keys.ts";
import { expiryOf, pack, packChunked, unpack, unpackChunked } from "./packed.ts";
import {
  findItem,
  type Item,
  type Key,
  marketsAtOnce,
  putItem,
  queryItems,
  StoreError,
  type Table,
  writeItems,
} from "./table.ts";
import { loadUnderlyings } from "./underlyings.ts";

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

/** How far ahead of its arrival a quote's time may be: clocks of senders differ, but no price comes from the future. */
export const senderToleranceMs = MS_PER_MINUTE;

/** When a quote was received by the market's clock, and the time of the real one. */
export interface Receipt {
  readonly receivedAtMs: number;
  readonly nowMs: number;
}

/** A source's own times keep its quotes in order; one that cannot have been observed yet is newer than none. */
async function putNewer(market: Table, item: Item & Key, { receivedAtMs, nowMs }: Receipt): Promise<QuoteOutcome> {
  const outcome = await putItem(
    market,
    { ...item, received_at_ms: receivedAtMs },
    {
      expression: "attribute_not_exists(pk) OR observed_at_ms < :observed OR observed_at_ms > :latest",
      values: { ":observed": item.observed_at_ms, ":latest": nowMs + senderToleranceMs },
    },
  );
  if (outcome.written) return { kind: "saved" };
  const heldObservedAtMs = Number(outcome.existing?.observed_at_ms);
  return heldObservedAtMs === item.observed_at_ms ? { kind: "repeated" } : { kind: "older", heldObservedAtMs };
}

/** Keeps a source's index price, a decimal string in US dollars, unless a newer one is held. */
export function saveIndexQuote(
  market: Table,
  underlying: string,
  quote: Omit<IndexQuote, "indexPrice"> & { readonly indexPrice: string },
  receipt: Receipt,
): Promise<QuoteOutcome> {
  const { source, indexPrice, observedAtMs, atPar } = quote;
  const key = { pk: keys.quotes(underlying), sk: source };
  const assumed = atPar === undefined ? {} : { at_par: atPar };
  return putNewer(market, { ...key, index_price: indexPrice, observed_at_ms: observedAtMs, ...assumed }, receipt);
}

/** Replaces a source's marks on an underlying, unless newer ones are held. */
export async function saveMarks(
  market: Table,
  underlying: string,
  marks: SourceMarks,
  receipt: Receipt,
): Promise<QuoteOutcome> {
  if (marks.instruments.length > limits.instrumentsPerSnapshot) {
    return { kind: "oversized", allowed: `at most ${limits.instrumentsPerSnapshot} instruments` };
  }
  const data = pack(encodeMarks(marks));
  if (data.byteLength > marksBytes) {
    return { kind: "oversized", allowed: `marks of at most ${marksBytes} bytes packed; these are ${data.byteLength}` };
  }
  const key = { pk: keys.marks(underlying), sk: marks.source };
  return putNewer(market, { ...key, observed_at_ms: marks.observedAtMs, data }, receipt);
}

/** Replaces what a source read of a token, unless a newer reading is held. */
export function saveToken(market: Table, token: SourceToken, receipt: Receipt): Promise<QuoteOutcome> {
  const key = { pk: keys.quotes(token.state.asset), sk: `${token.source}${keys.tokenSuffix}` };
  return putNewer(market, { ...key, observed_at_ms: token.observedAtMs, data: pack(encodeToken(token)) }, receipt);
}

/** Last index prices of an underlying by source; one that cannot be read counts as none. */
export async function loadIndexQuotes(market: Table, underlying: string): Promise<IndexQuote[]> {
  return (await loadQuotesOf(market, underlying)).index;
}

interface ReadQuotes {
  readonly index: IndexQuote[];
  readonly marks: SourceMarks[];
  readonly tokens: SourceToken[];
  readonly unreadable: string[];
  /** Where an earlier version kept marks. */
  readonly earlierMarks: Key[];
}

async function loadQuotesOf(market: Table, underlying: string): Promise<ReadQuotes> {
  const read: ReadQuotes = { index: [], marks: [], tokens: [], unreadable: [], earlierMarks: [] };
  for (const item of await queryItems(market, { pk: keys.quotes(underlying) })) {
    const { pk, sk } = item;
    if (sk.endsWith(keys.marksSuffix)) {
      readInto(read.marks, item, readMarks, read);
      read.earlierMarks.push({ pk, sk });
    } else if (sk.endsWith(keys.tokenSuffix)) readInto(read.tokens, item, readToken, read);
    else readInto(read.index, item, readIndexQuote, read);
  }
  return read;
}

/** Adds what an item says, or why it cannot be read. */
function readInto<Observed extends { readonly observedAtMs: number }>(
  observed: Observed[],
  item: Item,
  read: (item: Item) => Observed,
  { unreadable }: ReadQuotes,
): void {
  try {
    observed.push(notAhead(read(item), item));
  } catch (error) {
    unreadable.push(`${item.pk} / ${item.sk}: ${errorText(error)}`);
  }
}

const readMarks = ({ data }: Item): SourceMarks => decodeMarks(unpack(data));
const readToken = ({ data }: Item): SourceToken => decodeToken(unpack(data));

/** A source's clock that is ahead makes no price younger than its arrival. */
function notAhead<Observed extends { readonly observedAtMs: number }>(observed: Observed, item: Item): Observed {
  const observedAtMs = Math.min(observed.observedAtMs, item.received_at_ms ?? observed.observedAtMs);
  return { ...observed, observedAtMs };
}

export interface StoredQuotes {
  readonly quotes: readonly UnderlyingQuotes[];
  readonly unreadable: readonly string[];
  /** When each underlying was last known to be quoted; see loadUnderlyings. */
  readonly quotedAtMs: ReadonlyMap<string, number | null>;
}

/** All quotes of all underlyings. An item that cannot be read counts as no quote and is named. */
export async function loadQuotes(market: Table): Promise<StoredQuotes> {
  const quotedAtMs = await loadUnderlyings(market);
  const unreadable: string[] = [];
  const quotes = await mapAsync(
    [...quotedAtMs.keys()],
    async (underlying): Promise<UnderlyingQuotes> => {
      const read = await loadQuotesOf(market, underlying);
      const items = await queryItems(market, { pk: keys.marks(underlying) });
      for (const item of items) readInto(read.marks, item, readMarks, read);
      // Marks beside the quotes would be read with every quote: they go once their source has sent newer ones.
      const replaced = read.earlierMarks.filter(({ sk }) =>
        items.some((item) => sk === `${item.sk}${keys.marksSuffix}`),
      );
      await writeItems(market, { deletes: replaced });
      unreadable.push(...read.unreadable);
      return { underlying, index: read.index, marks: read.marks, tokens: read.tokens };
    },
    { concurrency: marketsAtOnce },
  );
  return { quotes, unreadable, quotedAtMs };
}

function readIndexQuote(item: Item): IndexQuote {
  const { index_price, observed_at_ms, at_par: atPar } = quoteItem.parse(item);
  const quote = { source: item.sk, observedAtMs: observed_at_ms, indexPrice: toNumber(index_price) };
  return atPar === undefined ? quote : { ...quote, atPar };
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

/** The newest pinned snapshot's name, leaving out those that a wrong clock dated ahead of now. */
export function findCurrentSnapshot(market: Table, nowMs: number): Promise<SnapshotHead | undefined> {
  return findNewestSnapshot(market, nowMs + clockToleranceMs + 1);
}

/** The snapshot pinned as of a time. */
export async function findSnapshotAt(market: Table, asOfMs: number): Promise<SnapshotHead | undefined> {
  const [item] = await queryItems(market, { pk: keys.snapshot("").pk, skPrefix: compactTime(asOfMs), limit: 1 });
  return item && { snapshotId: item.sk, parametersVersion: item.parameters_version };
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

/** Sets the anchor of a sweep, unless a newer one is set that is not ahead of the clock. */
export async function saveAnchor(market: Table, underlying: string, anchor: Anchor, nowMs: number): Promise<void> {
  await putItem(
    market,
    { ...keys.anchor(underlying), index_price: anchor.indexPrice, as_of_ms: anchor.asOfMs },
    {
      expression: "attribute_not_exists(pk) OR as_of_ms < :asOf OR as_of_ms > :latest",
      values: { ":asOf": anchor.asOfMs, ":latest": nowMs + clockToleranceMs },
    },
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
