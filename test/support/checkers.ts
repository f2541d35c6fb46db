import assert from "node:assert/strict";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { createMarginEngine, type MarketSnapshot, type ParameterSet, poolKeyOf, severities } from "@plimsoll/risk";
import { type CallEvent, callEvent, isAhead, kernelPools, type MarginRow, stateMargin } from "@plimsoll/schema";
import { getParameters, getSnapshot, loadShardAccounts, unpack } from "@plimsoll/store";
import type { TestStage } from "./stage.ts";

// These are assertions of Node, since simulated worlds are also checked outside of any test runner.

type Image = Record<string, unknown>;

function imageOf(record: _Record): Image {
  return unmarshall((record.dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>);
}

/**
 * Checks I1: in the order of the stream, no state and no head of a shard's results rests on less than the one before
 * it. A snapshot that a wrong clock dated after the time of the write does not count as newer.
 */
export function checkNewerWins(records: readonly _Record[]): void {
  const last = new Map<string, Image>();
  for (const record of records) {
    const sk = record.dynamodb?.Keys?.sk?.S;
    const key = `${record.dynamodb?.Keys?.pk?.S} ${sk}`;
    if (record.eventName === "REMOVE") last.delete(key);
    if (sk !== "STATE" && sk !== "LATEST") continue;
    const image = imageOf(record);
    const before = last.get(key);
    const writtenAtMs = record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0;
    if (before !== undefined) {
      const [older, newer] = [String(before.snapshot_id), String(image.snapshot_id)];
      assert(newer >= older || isAhead(older, writtenAtMs), `${key}: ${older} then ${newer}`);
      const isLess = sk === "STATE" && Number(image.ledger_sequence) < Number(before.ledger_sequence);
      assert(!isLess, `${key}: sequence ${before.ledger_sequence} then ${image.ledger_sequence}`);
    }
    last.set(key, image);
  }
}

/** Items of a table that older ones never replace, and the attribute that says how new an item is. */
export interface Ordered {
  readonly isOne: (pk: string, sk: string) => boolean;
  readonly by: string;
}

/** The accounts of the ledger, the quotes, marks and anchors of the market, and the newest completed sweep. */
export const orderedItems = {
  accounts: { isOne: (_: string, sk: string) => sk.startsWith("ACCOUNT#"), by: "ledger_sequence" },
  quotes: { isOne: (pk: string) => /^(QUOTE|MARKS)#/.test(pk), by: "observed_at_ms" },
  anchors: { isOne: (pk: string) => pk === "ANCHOR", by: "as_of_ms" },
  completed: { isOne: (_: string, sk: string) => sk === "NEWEST_COMPLETED", by: "snapshot_id" },
} as const satisfies Record<string, Ordered>;

/** Checks I1 for items that say themselves how new they are. In the order of their stream, no item goes back. */
export function checkGoesOn(records: readonly _Record[], { isOne, by }: Ordered): void {
  const last = new Map<string, string | number>();
  for (const record of records) {
    const { pk, sk } = record.dynamodb?.Keys ?? {};
    if (!isOne(pk?.S ?? "", sk?.S ?? "")) continue;
    const key = `${pk?.S} ${sk?.S}`;
    if (record.eventName === "REMOVE") last.delete(key);
    else {
      const now = imageOf(record)[by] as string | number;
      const before = last.get(key);
      assert(before === undefined || now >= before, `${key}: ${by} ${before} then ${now}`);
      last.set(key, now);
    }
  }
}

/** Returns the committed events of each pool, in order of their sequence. */
export function eventsByBook(items: readonly Image[]): Map<string, CallEvent[]> {
  const events = items
    .filter((item) => String(item.sk).startsWith("EVENT#"))
    .map((item) => callEvent.parse(unpack(item.data)))
    .sort((a, b) => a.sequence - b.sequence);
  return Map.groupBy(events, (event) => poolKeyOf(event.account_id, event.pool_id));
}

/**
 * Checks I3 for every pool. Its sequences have no gap, and each event starts at the severity at which the last one
 * ended. It has one call at a time, and its row and its state agree.
 */
export function checkOneEventPerTransition(items: readonly Image[], rows: readonly MarginRow[]): void {
  const events = eventsByBook(items);
  const states = new Map(items.filter(({ sk }) => sk === "STATE").map((item) => [String(item.pk), item]));
  for (const [poolKey, told] of events) {
    let severity = "NORMAL";
    let openCall: string | null = null;
    for (const [index, event] of told.entries()) {
      assert.equal(event.sequence, index + 1, `${poolKey}: sequences have a gap`);
      assert.equal(event.previous_severity, severity, event.event_id);
      assert.notEqual(event.severity, severity, event.event_id);
      if (openCall !== null) assert.equal(event.call_id, openCall, event.event_id);
      severity = event.severity;
      openCall = severity === "NORMAL" ? null : event.call_id;
    }
    const { severity: held, sequence, call_id } = states.get(`ACCOUNT#${poolKey}`) ?? {};
    const expected = { held: severity, sequence: told.length, call_id: openCall };
    assert.deepEqual({ held, sequence, call_id }, expected, `the state of ${poolKey}`);
    const row = rows.find((one) => poolKeyOf(one.accountId, one.poolId) === poolKey);
    if (openCall !== null) assert.equal(row?.call?.callId, openCall, `the open call of ${poolKey}`);
  }
  for (const row of rows) {
    const poolKey = poolKeyOf(row.accountId, row.poolId);
    const told = events.get(poolKey) ?? [];
    assert.equal(row.severity, told.at(-1)?.severity ?? "NORMAL", `the row of ${poolKey}`);
    assert.equal(row.sequence, told.length, `the row of ${poolKey}`);
  }
}

/**
 * The most events in one call to SNS. A process that fails after the call and before it records the events publishes
 * them again.
 */
const eventsPerCall = 10;

/**
 * Checks I4: every committed event is published, every published event was committed, word for word, and none waits.
 * Each is published once, except those of a call after which a process failed. The first publication of an event comes
 * after those of the events before it.
 */
export function checkPublished(items: readonly Image[], published: readonly CallEvent[], faults: number): void {
  const waiting = items.filter((item) => String(item.pk).startsWith("UNPUBLISHED#"));
  assert.deepEqual(waiting, [], "events still wait to be published");
  checkToldInOrder(published);
  const committed = new Map([...eventsByBook(items).values()].flat().map((event) => [event.event_id, event]));
  for (const event of published) assert.deepEqual(event, committed.get(event.event_id), "published, not committed");
  const told = new Set(published.map((event) => event.event_id));
  const untold = [...committed.keys()].filter((eventId) => !told.has(eventId));
  assert.deepEqual(untold, [], "committed, not published");
  const repeats = published.length - told.size;
  assert(repeats <= faults * eventsPerCall, `${repeats} repeats after ${faults} faults`);
}

/** Checks that no event is published for the first time after a later one of its pool. */
export function checkToldInOrder(published: readonly CallEvent[]): void {
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { event_id, account_id, pool_id, sequence } of published) {
    if (seen.has(event_id)) continue;
    seen.add(event_id);
    const poolKey = poolKeyOf(account_id, pool_id);
    assert((newest.get(poolKey) ?? 0) < sequence, `${event_id} is told after a later one`);
    newest.set(poolKey, sequence);
  }
}

function snapshotOf(row: MarginRow): string {
  return row.status === "margined" ? row.margin.snapshotId : row.snapshotId;
}

/** Checks I2: every pool of an account has a result for the last snapshot, or a reason for having none. */
export function checkNobodyForgotten(
  rows: readonly MarginRow[],
  poolKeys: readonly string[],
  snapshotId: string,
): void {
  const ids = rows.map((row) => poolKeyOf(row.accountId, row.poolId));
  assert.deepEqual(ids.sort(), poolKeys.toSorted(), "pools that have a row");
  for (const row of rows) assert.equal(snapshotOf(row), snapshotId, `what ${row.accountId} rests on`);
}

/**
 * Checks I5: no call that is graver than a warning rests on a price in doubt of anything that the account holds.
 * Unpriced holdings do not count here. A call with such a holding rests on what is owed, whatever the holding is worth.
 */
export async function checkBadPricesEscalateNothing(items: readonly Image[], stage: TestStage): Promise<void> {
  const rank = (severity: CallEvent["severity"]) => severities.indexOf(severity);
  const isGraver = ({ severity, previous_severity }: CallEvent) =>
    rank(severity) > rank(previous_severity) && rank(severity) > rank("WARNING");
  const graver = [...eventsByBook(items).values()].flat().filter(isGraver);
  for (const [snapshotId, events] of Map.groupBy(graver, ({ snapshot_id }) => snapshot_id)) {
    const { underlyings } = await getSnapshot(stage.table("Market"), snapshotId);
    const inDoubt = underlyings.filter(({ quality }) => quality === "degraded" || quality === "blocked");
    for (const { event_id, components, ladder } of events) {
      const priced = components.filter(({ name }) => name !== "unpriced_holding");
      const held = new Set([...priced, ...ladder].map(({ underlying }) => underlying));
      const restedOn = inDoubt.filter(({ underlying }) => held.has(underlying));
      assert.deepEqual(restedOn, [], `${event_id} rests on prices in doubt`);
    }
  }
}

/** Checks I10: every event names the environment of its stage. */
export function checkEnvironment(events: readonly CallEvent[], environment: string): void {
  for (const event of events) assert.equal(event.environment, environment, event.event_id);
}

/** Loads the pools of all accounts that the ledger has and that can be read, by pool key. */
export async function loadPools(stage: TestStage, shardCount: number) {
  const shards = Array.from({ length: shardCount }, (_, shard) => shard);
  const stored = await Promise.all(shards.map((shard) => loadShardAccounts(stage.table("Ledger"), shard)));
  const readable = stored.flat().flatMap(({ account }) => account ?? []);
  return new Map(
    readable.flatMap((account) =>
      kernelPools(account).map((pool) => [poolKeyOf(account.accountId, pool.poolId), { account, pool }] as const),
    ),
  );
}

/** Parameter sets by version. They are shared by all worlds, since a version names the content of its set. */
const parameterSets = new Map<string, ParameterSet>();

/**
 * Checks that the rows of these pools can be recomputed from the ledger, the snapshot and the parameters that they
 * name.
 */
export async function checkRowsRecompute(
  rows: readonly MarginRow[],
  pools: Awaited<ReturnType<typeof loadPools>>,
  stage: TestStage,
): Promise<void> {
  const market = stage.table("Market");
  const snapshots = new Map<string, MarketSnapshot>();
  for (const row of rows) {
    const poolKey = poolKeyOf(row.accountId, row.poolId);
    const known = pools.get(poolKey);
    if (known === undefined) continue;
    assert(row.status === "margined", `${poolKey} is not margined`);
    const { snapshotId, parametersVersion } = row.margin;
    const snapshot = snapshots.get(snapshotId) ?? (await getSnapshot(market, snapshotId));
    const set = parameterSets.get(parametersVersion) ?? (await getParameters(market, parametersVersion));
    snapshots.set(snapshotId, snapshot);
    parameterSets.set(parametersVersion, set);
    const engine = createMarginEngine(snapshot, set);
    const { pool, openOrders } = known.pool;
    const result = engine.margin(pool);
    assert(result.status === "margined", `${poolKey} cannot be margined again`);
    const projected = openOrders.length === 0 ? null : engine.projectMargin(pool, openOrders);
    assert.deepEqual(
      row.margin,
      stateMargin(result, known.account.ledgerSequence, projected),
      `the margin of ${poolKey}`,
    );
  }
}
