import { shardOf } from "@plimsoll/schema";
import type { Key } from "./table.ts";

/** Number of partitions of the unpublished marks. It spreads the writes of thousands of events in a crash. */
const outboxPartitions = 16;

/** All keys of all tables. No other file builds one. */
export const keys = {
  shard: (shard: number) => `SHARD#${String(shard).padStart(3, "0")}`,
  places: (shard: number): Key => ({ pk: keys.shard(shard), sk: "PLACES" }),
  pending: (shard: number) => `PENDING#${String(shard).padStart(3, "0")}`,
  /** Prefix of the sort keys of all that an account waits for. No account id contains `#`. */
  pendingOf: (accountId: string) => `${accountId}#`,
  gap: (shard: number, accountId: string): Key => ({ pk: keys.pending(shard), sk: `${accountId}#GAP` }),
  parked: (shard: number, accountId: string, sequence: number): Key => ({
    pk: keys.pending(shard),
    sk: `${accountId}#EVENT#${String(sequence).padStart(16, "0")}`,
  }),
  account: (accountId: string) => `ACCOUNT#${accountId}`,
  /** A pool's items are stored under its name, which is the account's id for the cross pool; see poolKeyOf. */
  state: (poolKey: string): Key => ({ pk: keys.account(poolKey), sk: "STATE" }),
  event: (poolKey: string, sequence: number): Key => ({
    pk: keys.account(poolKey),
    sk: `EVENT#${String(sequence).padStart(10, "0")}`,
  }),
  eventsOf: (poolKey: string) => ({ pk: keys.account(poolKey), skPrefix: "EVENT#" }),
  outbox: Array.from({ length: outboxPartitions }, (_, index) => `UNPUBLISHED#${String(index).padStart(2, "0")}`),
  /** The prefix `BOOK#` keeps a mark from matching the stream's filter, whatever the account is called. */
  marksOf: (poolKey: string): Key => ({
    pk: `UNPUBLISHED#${String(shardOf(poolKey, outboxPartitions)).padStart(2, "0")}`,
    sk: `BOOK#${poolKey}#`,
  }),
  mark: (poolKey: string, sequence: number): Key => {
    const { pk, sk } = keys.marksOf(poolKey);
    return { pk, sk: `${sk}${String(sequence).padStart(10, "0")}` };
  },
  /** Reads the pool and the sequence from a mark's sort key. */
  markedBy: (sk: string) => {
    const [, poolKey = "", sequence = ""] = /^BOOK#(.+)#(\d+)$/.exec(sk) ?? [];
    return { poolKey, sequence: Number(sequence) };
  },
  history: (poolKey: string, asOf: string): Key => ({ pk: keys.account(poolKey), sk: `HISTORY#${asOf}` }),
  topic: (accountId: string): Key => ({ pk: keys.account(accountId), sk: "TOPIC" }),
  latest: (shard: number): Key => ({ pk: keys.shard(shard), sk: "LATEST" }),
  /** The partition of one part of a shard's results where these are divided into so many parts. */
  part: (shard: number, partCount: number, part: number) =>
    `PART#${keys.shard(shard)}#${String(partCount).padStart(4, "0")}#${String(part).padStart(4, "0")}`,
  /**
   * A part's place in its partition. Versions take turns in two places, so that a part is written over one that no head
   * names any more. That costs one write, while a new item and the deletion of an old one cost two.
   */
  partSlot: (version: number) => `SLOT#${version % 2}`,
  /** The place of a part whose slot another attempt has used. No two contents and no two versions share it. */
  partSpare: (version: number, contentHash: string) => `SPARE#${version}#${contentHash}`,
  /**
   * The name includes the version, of which at most one attempt can win, so that two attempts never share a chunk name.
   */
  blockChunks: (shard: number, snapshotId: string, version: number) =>
    `BLOCK#${keys.shard(shard)}#${snapshotId}#${version}`,
  holdings: (shard: number): Key => ({ pk: keys.shard(shard), sk: "HOLDINGS" }),
  transitions: (shard: number): Key => ({ pk: keys.shard(shard), sk: "TRANSITIONS" }),
  sweep: (snapshotId: string): Key => ({ pk: "SWEEP", sk: snapshotId }),
  newestCompletedSweep: { pk: "SWEEP", sk: "NEWEST_COMPLETED" },
  quotes: (underlying: string) => `QUOTE#${underlying}`,
  /** Marks are large and index prices are read with every quote, so they are stored apart. */
  marks: (underlying: string) => `MARKS#${underlying}`,
  /** Suffix of marks that an earlier version stored beside the quotes. */
  marksSuffix: "#MARKS",
  tokenSuffix: "#TOKEN",
  /** No symbol is called so. Other items of the partition are underlyings that an earlier version registered. */
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
