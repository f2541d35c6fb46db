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
import { pack, packChunked, unpack, unpackChunked } from "./packed.ts";
import { expiryOf, snapshotDays } from "./retention.ts";
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

/** Most packed bytes of a source's marks on one underlying. DynamoDB allows 400 kB with key and attributes. */
const marksBytes = 390_000;

/**
 * The outcome of saving a quote. `repeated` is the same observation again, `older` arrived after a newer one (I1),
 * `oversized` exceeds what a snapshot or an item holds. None of the three changes anything.
 */
export type QuoteOutcome =
  | { readonly kind: "saved" | "repeated" }
  | { readonly kind: "older"; readonly heldObservedAtMs: number }
  | { readonly kind: "oversized"; readonly allowed: string };

/**
 * The most by which a quote's time may be ahead of its arrival, in milliseconds, since the clocks of senders differ.
 */
export const senderToleranceMs = MS_PER_MINUTE;

/** Time of receipt by the market's clock, and by the real clock. They differ in a replay. */
export interface Receipt {
  readonly receivedAtMs: number;
  readonly nowMs: number;
}

/**
 * Writes a quote if it is newer than the stored one by the source's own times. A stored quote with an impossible time
 * ahead of the clock is always replaced.
 */
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

/** Saves a source's index price, a decimal string in US dollars, unless a newer one is stored. */
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

/** Replaces a source's marks on an underlying, unless newer ones are stored. */
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

/** Replaces a source's reading of a token, unless a newer one is stored. */
export function saveToken(market: Table, token: SourceToken, receipt: Receipt): Promise<QuoteOutcome> {
  const key = { pk: keys.quotes(token.state.asset), sk: `${token.source}${keys.tokenSuffix}` };
  return putNewer(market, { ...key, observed_at_ms: token.observedAtMs, data: pack(encodeToken(token)) }, receipt);
}

/** Loads the last index price of each source for an underlying. Unreadable items are left out. */
export async function loadIndexQuotes(market: Table, underlying: string): Promise<IndexQuote[]> {
  return (await loadQuotesOf(market, underlying)).index;
}

interface ReadQuotes {
  readonly index: IndexQuote[];
  readonly marks: SourceMarks[];
  readonly tokens: SourceToken[];
  readonly unreadable: string[];
  /** Keys of marks that an earlier version stored beside the quotes. */
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

/** Adds the content of an item to the list, or its problem to `unreadable`. */
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

/** Limits the observation time to the time of arrival, in case the source's clock is ahead. */
function notAhead<Observed extends { readonly observedAtMs: number }>(observed: Observed, item: Item): Observed {
  const observedAtMs = Math.min(observed.observedAtMs, item.received_at_ms ?? observed.observedAtMs);
  return { ...observed, observedAtMs };
}

export interface StoredQuotes {
  readonly quotes: readonly UnderlyingQuotes[];
  readonly unreadable: readonly string[];
  /** The time at which each underlying was last known to be quoted; see loadUnderlyings. */
  readonly quotedAtMs: ReadonlyMap<string, number | null>;
}

/** Loads all quotes of all underlyings. An unreadable item is left out and named. */
export async function loadQuotes(market: Table): Promise<StoredQuotes> {
  const quotedAtMs = await loadUnderlyings(market);
  const unreadable: string[] = [];
  const quotes = await mapAsync(
    [...quotedAtMs.keys()],
    async (underlying): Promise<UnderlyingQuotes> => {
      const read = await loadQuotesOf(market, underlying);
      const items = await queryItems(market, { pk: keys.marks(underlying) });
      for (const item of items) readInto(read.marks, item, readMarks, read);
      // Marks beside the quotes would be read with every quote, so they are deleted once their source has sent newer
      // ones.
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

/** The id of a snapshot, and the version of the parameters that its sweep uses. */
export interface SnapshotHead {
  readonly snapshotId: string;
  readonly parametersVersion: string;
}

/**
 * Stores a snapshot together with the parameter version of its sweep, and returns the version that it has. A stored
 * snapshot stays as it is, so that a sweep repeated after an activation continues with its first version.
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

/** A stored snapshot, and the version of the parameters that its sweep uses. */
export interface StoredSnapshot {
  readonly snapshot: MarketSnapshot;
  readonly parametersVersion: string;
}

/** Finds a stored snapshot with its parameter version, or undefined if there is none of this id. */
export async function findSnapshot(market: Table, snapshotId: string): Promise<StoredSnapshot | undefined> {
  const item = await findItem(market, keys.snapshot(snapshotId));
  if (item === undefined) return undefined;
  return {
    snapshot: decodeSnapshot(await unpackChunked(market, item)),
    parametersVersion: String(item.parameters_version),
  };
}

/** Loads a stored snapshot; throws a StoreError if it is missing. */
export async function getSnapshot(market: Table, snapshotId: string): Promise<MarketSnapshot> {
  const found = await findSnapshot(market, snapshotId);
  if (found === undefined) throw new StoreError(`Snapshot ${snapshotId} is not in ${market.name}`);
  return found.snapshot;
}

/** Finds the newest stored snapshot, leaving out those that a wrong clock dated ahead of now. */
export function findCurrentSnapshot(market: Table, nowMs: number): Promise<SnapshotHead | undefined> {
  return findNewestSnapshot(market, nowMs + clockToleranceMs + 1);
}

/** Finds the snapshot of exactly this time. */
export async function findSnapshotAt(market: Table, asOfMs: number): Promise<SnapshotHead | undefined> {
  const [item] = await queryItems(market, { pk: keys.snapshot("").pk, skPrefix: compactTime(asOfMs), limit: 1 });
  return item && { snapshotId: item.sk, parametersVersion: item.parameters_version };
}

/** Finds the newest stored snapshot, before a time if one is given, or undefined if there is none. */
export async function findNewestSnapshot(market: Table, beforeMs?: number): Promise<SnapshotHead | undefined> {
  const [item] = await queryItems(market, {
    pk: keys.snapshot("").pk,
    newestFirst: true,
    limit: 1,
    ...(beforeMs === undefined ? {} : { skBefore: compactTime(beforeMs) }),
  });
  return item && { snapshotId: item.sk, parametersVersion: item.parameters_version };
}

/** The price from which moves are measured, a decimal string in US dollars, and the time at which it was set. */
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

/** Sets the anchor of a sweep, unless a newer one is set. An anchor ahead of the clock is replaced. */
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

/** Moves the anchor if it is still the one that was read. Of several concurrent quotes only one gets true. */
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
