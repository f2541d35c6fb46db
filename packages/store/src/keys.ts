import { shardOf } from "@plimsoll/schema";
import type { Key } from "./table.ts";

/** Partitions of the marks, so that the thousands of events of a crash do not all write to one. */
const outboxPartitions = 16;

/** Every key of every table; no other file spells one. */
export const keys = {
  shard: (shard: number) => `SHARD#${String(shard).padStart(3, "0")}`,
  places: (shard: number): Key => ({ pk: keys.shard(shard), sk: "PLACES" }),
  pending: (shard: number) => `PENDING#${String(shard).padStart(3, "0")}`,
  /** Start of the sort keys of all that an account waits for; no account id has such a sign. */
  pendingOf: (accountId: string) => `${accountId}#`,
  gap: (shard: number, accountId: string): Key => ({ pk: keys.pending(shard), sk: `${accountId}#GAP` }),
  parked: (shard: number, accountId: string, sequence: number): Key => ({
    pk: keys.pending(shard),
    sk: `${accountId}#EVENT#${String(sequence).padStart(16, "0")}`,
  }),
  account: (accountId: string) => `ACCOUNT#${accountId}`,
  /** A pool's items are kept by its name, which is the account's for the cross pool; see bookIdOf. */
  state: (bookId: string): Key => ({ pk: keys.account(bookId), sk: "STATE" }),
  event: (bookId: string, sequence: number): Key => ({
    pk: keys.account(bookId),
    sk: `EVENT#${String(sequence).padStart(10, "0")}`,
  }),
  eventsOf: (bookId: string) => ({ pk: keys.account(bookId), skPrefix: "EVENT#" }),
  outbox: Array.from({ length: outboxPartitions }, (_, index) => `UNPUBLISHED#${String(index).padStart(2, "0")}`),
  /** Its own prefix keeps a mark from the stream's filter, whatever an account is called. */
  marksOf: (bookId: string): Key => ({
    pk: `UNPUBLISHED#${String(shardOf(bookId, outboxPartitions)).padStart(2, "0")}`,
    sk: `BOOK#${bookId}#`,
  }),
  mark: (bookId: string, sequence: number): Key => {
    const { pk, sk } = keys.marksOf(bookId);
    return { pk, sk: `${sk}${String(sequence).padStart(10, "0")}` };
  },
  /** What a mark's sort key names. */
  markedBy: (sk: string) => {
    const [, bookId = "", sequence = ""] = /^BOOK#(.+)#(\d+)$/.exec(sk) ?? [];
    return { bookId, sequence: Number(sequence) };
  },
  history: (bookId: string, asOf: string): Key => ({ pk: keys.account(bookId), sk: `HISTORY#${asOf}` }),
  topic: (accountId: string): Key => ({ pk: keys.account(accountId), sk: "TOPIC" }),
  latest: (shard: number): Key => ({ pk: keys.shard(shard), sk: "LATEST" }),
  /** By version, so that only attempts of which at most one can win share the name of equal chunks. */
  blockChunks: (shard: number, snapshotId: string, version: number) =>
    `BLOCK#${keys.shard(shard)}#${snapshotId}#${version}`,
  holdings: (shard: number): Key => ({ pk: keys.shard(shard), sk: "HOLDINGS" }),
  transitions: (shard: number): Key => ({ pk: keys.shard(shard), sk: "TRANSITIONS" }),
  sweep: (snapshotId: string): Key => ({ pk: "SWEEP", sk: snapshotId }),
  newestCompletedSweep: { pk: "SWEEP", sk: "NEWEST_COMPLETED" },
  quotes: (underlying: string) => `QUOTE#${underlying}`,
  /** Marks are large and prices are read with every quote: they are kept apart. */
  marks: (underlying: string) => `MARKS#${underlying}`,
  /** Of marks that an earlier version kept beside the quotes. */
  marksSuffix: "#MARKS",
  tokenSuffix: "#TOKEN",
  /** No symbol has such a name; other items of the partition are underlyings that an earlier version registered. */
  underlyings: { pk: "UNDERLYING", sk: "#KNOWN" },
  tick: (tick: string): Key => ({ pk: "TICK", sk: tick }),
  requestedSweep: { pk: "TICK", sk: "REQUESTED" },
  anchor: (underlying: string): Key => ({ pk: "ANCHOR", sk: underlying }),
  snapshot: (snapshotId: string): Key => ({ pk: "SNAPSHOT", sk: snapshotId }),
  snapshotChunks: (snapshotId: string) => `SNAPSHOT#${snapshotId}`,
  parameters: (version: string): Key => ({ pk: "PARAMETERS", sk: version }),
  parameterChunks: (version: string) => `PARAMETERS#${version}`,
  activation: (sequence: number): Key => ({ pk: "ACTIVATION", sk: String(sequence).padStart(10, "0") }),
  proposal: (proposalId: string): Key => ({ pk: "PROPOSAL", sk: proposalId }),
  responsivenessCard: { pk: "RESPONSIVENESS", sk: "CARD" },
  referenceDay: (date: string): Key => ({ pk: "RESPONSIVENESS", sk: `DAY#${date}` }),
  controls: (sequence: number): Key => ({ pk: "CONTROLS", sk: String(sequence).padStart(10, "0") }),
  daily: (underlying: string, date: string): Key => ({ pk: `DAILY#${underlying}`, sk: date }),
  impliedSuffix: "#IMPLIED",
} as const;
