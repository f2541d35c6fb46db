import { buildSnapshot } from "@plimsoll/oracle";
import { type MarketSnapshot, MS_PER_DAY } from "@plimsoll/risk";
import { limits, nameSnapshot, priceText, type ShardWork, type SweepRequest, snapshotTimeMs } from "@plimsoll/schema";
import {
  arrivalOfTick,
  findCurrentSnapshot,
  findNewestCompletedSweep,
  findNewestSnapshot,
  forgetUnderlyings,
  getSnapshot,
  loadQuotes,
  loadUnquotedHoldings,
  marketsAtOnce,
  recordDay,
  type SnapshotHead,
  saveAnchor,
  saveSnapshot,
  startSweepRecord,
  type Table,
  takeRequestedSweep,
} from "@plimsoll/store";
import { mapAsync } from "es-toolkit/array";
import { findOrActivateShipped } from "../parameters/shipped-parameters.ts";
import { oracleParameters } from "../quotes/oracle-parameters.ts";

export interface SweepPorts {
  readonly market: Table;
  readonly margin: Table;
  readonly shardCount: number;
  readonly quoteMaxAgeMs: number;
  /** Sends all messages; throws if that fails. */
  readonly sendShardWork: (messages: readonly ShardWork[]) => Promise<void>;
  /** Wall clock in milliseconds, for expiry dates, durations and the check that nothing is ahead of it. */
  readonly nowMs: () => number;
}

export interface SweepSummary {
  /** `no_prices`: nothing was ever quoted. `superseded`: a newer snapshot is already stored. */
  readonly outcome: "started" | "no_prices" | "superseded";
  readonly snapshotId: string | null;
  readonly instruments: number;
  readonly underlyings: readonly {
    readonly underlying: string;
    readonly quality: string;
    readonly reason: string | null;
  }[];
  /**
   * Milliseconds between the newest completed sweep's snapshot and the clock when this sweep starts, whichever is
   * later. It is null if no sweep has completed.
   */
  readonly sweepAgeMs: number | null;
  readonly unreadableQuotes: readonly string[];
}

/**
 * Starts the sweep of a tick, as of its arrival, so that a late tick does not make prices look younger. The tick only
 * names the sweep, so that a repeat continues the sweep of the first attempt.
 */
export async function sweepAtTick(tickMs: number, arrivalMs: number, ports: SweepPorts): Promise<SweepSummary> {
  // A tick ahead of the clock must not use up the name of a future one.
  const named = Math.min(tickMs, arrivalMs);
  const asOfMs = await arrivalOfTick(ports.market, named, arrivalMs, ports.nowMs());
  return startSweep(asOfMs, arrivalMs, ports);
}

export interface RequestedSweepPorts extends SweepPorts {
  /** Sends a request that is delivered only after so many seconds; throws if that fails. */
  readonly sendSweepRequest: (request: SweepRequest, delaySeconds: number) => Promise<void>;
}

/**
 * Least time between two requested sweeps, in milliseconds, as prices in a turbulent market exceed the trigger every
 * second.
 */
export const requestedSweepIntervalMs = 10_000;

/** A snapshot is sure to include a price only if it is later by more than this many milliseconds, as clocks differ. */
const seenAfterMs = 1_000;

/** Returns the latest time at which one of the requests was made, or until which it waits. */
export function statedTimeMs(requests: readonly SweepRequest[]): number {
  return Math.max(...requests.flatMap((one) => [one.requested_at, one.not_before ?? one.requested_at].map(Date.parse)));
}

/**
 * `covered`: a completed sweep has already seen the prices. `postponed`: the request waits until the interval is over.
 */
export type RequestOutcome = SweepSummary | { readonly outcome: "covered" | "postponed" };

/**
 * Starts one sweep for all requests that arrived together. It runs as of its own time, so that it includes the newest
 * prices.
 */
export async function sweepOnRequests(
  requests: readonly SweepRequest[],
  arrivalMs: number,
  ports: RequestedSweepPorts,
): Promise<RequestOutcome> {
  // A request dated ahead counts as of now.
  const requestedMs = Math.min(arrivalMs, Math.max(...requests.map((request) => Date.parse(request.requested_at))));
  const pinned = await findCurrentSnapshot(ports.market, ports.nowMs());
  const pinnedMs = pinned === undefined ? Number.NEGATIVE_INFINITY : snapshotTimeMs(pinned.snapshotId);
  const interval = requestedSweepIntervalMs;
  const hasSeen = pinnedMs === arrivalMs || pinnedMs >= requestedMs + seenAfterMs;
  // The attempt that stored the snapshot may have crashed before it queued the shards.
  const completed = hasSeen ? await findNewestCompletedSweep(ports.margin) : undefined;
  if (pinned !== undefined && completed !== undefined && completed >= pinned.snapshotId) return { outcome: "covered" };
  const isUnderWay = hasSeen && pinnedMs + interval > arrivalMs;
  const waitUntilMs =
    isUnderWay || pinnedMs > arrivalMs
      ? arrivalMs + interval
      : await takeRequestedSweep(ports.market, arrivalMs, interval, ports.nowMs());
  if (waitUntilMs === null) return startSweep(arrivalMs, arrivalMs, ports);
  const underlyings = [...new Set(requests.flatMap((request) => request.underlyings))];
  await ports.sendSweepRequest(
    {
      schema_version: 1,
      underlyings: underlyings.slice(0, limits.underlyingsPerStage),
      requested_at: new Date(requestedMs).toISOString(),
      not_before: new Date(waitUntilMs).toISOString(),
    },
    Math.max(1, Math.ceil(Math.min(interval, waitUntilMs - arrivalMs) / 1_000)),
  );
  return { outcome: "postponed" };
}

/**
 * Stores the market as of a time, never ahead of the clock, and queues every shard for it. A repeat for the same time
 * continues with the stored snapshot.
 */
async function startSweep(asOfMs: number, arrivalMs: number, ports: SweepPorts): Promise<SweepSummary> {
  const { market, margin, shardCount } = ports;
  const completed = await findNewestCompletedSweep(margin);
  const sweepAgeMs = completed === undefined ? null : Math.abs(arrivalMs - snapshotTimeMs(completed));
  const nothing = { snapshotId: null, instruments: 0, underlyings: [], sweepAgeMs, unreadableQuotes: [] };
  const newest = await findCurrentSnapshot(market, ports.nowMs());
  const newestMs = newest === undefined ? Number.NEGATIVE_INFINITY : snapshotTimeMs(newest.snapshotId);
  if (newestMs > asOfMs) return { outcome: "superseded", ...nothing };
  const { head, snapshot, unreadable, quotedAtMs } =
    newest !== undefined && newestMs === asOfMs
      ? { head: newest, snapshot: await getSnapshot(market, newest.snapshotId), unreadable: [], quotedAtMs: null }
      : await pinSnapshot(asOfMs, ports);
  if (head === null) return { outcome: "no_prices", ...nothing, unreadableQuotes: unreadable };
  const { snapshotId, parametersVersion } = head;
  await startSweepRecord(margin, { snapshotId, shardCount }, ports.nowMs());
  await saveAnchors(market, snapshot, ports.nowMs());
  await ports.sendShardWork(
    Array.from({ length: shardCount }, (_, shard) => ({
      schema_version: 1,
      snapshot_id: snapshotId,
      parameters_version: parametersVersion,
      shard,
      shard_count: shardCount,
      reason: "sweep",
      requested_at: new Date(asOfMs).toISOString(),
    })),
  );
  // This comes after the shards were queued, so that margins do not wait for it.
  await recordDays(market, snapshot);
  if (quotedAtMs !== null) await forgetUnused(ports, snapshot, quotedAtMs);
  return {
    outcome: "started",
    snapshotId,
    instruments: snapshot.instruments.length,
    underlyings: snapshot.underlyings.map(({ underlying, quality, qualityReason }) => ({
      underlying,
      quality,
      reason: qualityReason,
    })),
    sweepAgeMs,
    unreadableQuotes: unreadable,
  };
}

/** Builds the snapshot of a time from the current quotes and stores it. The head is null if nothing was ever quoted. */
async function pinSnapshot(asOfMs: number, { market, quoteMaxAgeMs, nowMs }: SweepPorts) {
  const { quotes, unreadable, quotedAtMs } = await loadQuotes(market);
  const before = await findNewestSnapshot(market, asOfMs);
  const previous = before === undefined ? null : await getSnapshot(market, before.snapshotId);
  const snapshot = nameSnapshot(buildSnapshot(quotes, asOfMs, previous, oracleParameters(quoteMaxAgeMs)));
  if (snapshot.underlyings.length === 0) return { head: null, snapshot, unreadable, quotedAtMs };
  const inEffect = await findOrActivateShipped(market, asOfMs);
  const parametersVersion = await saveSnapshot(market, snapshot, inEffect.version, nowMs());
  const head: SnapshotHead = { snapshotId: snapshot.snapshotId, parametersVersion };
  return { head, snapshot, unreadable, quotedAtMs };
}

/** An underlying that nobody has quoted for this many milliseconds is dropped from the sweeps, unless it is needed. */
const forgottenAfterMs = 30 * MS_PER_DAY;

/** Drops underlyings that are not quoted, are held by no account and are not the currency of a quoted instrument. */
async function forgetUnused(
  { market, margin, shardCount }: SweepPorts,
  { asOfMs, instruments }: MarketSnapshot,
  quotedAtMs: ReadonlyMap<string, number | null>,
): Promise<void> {
  const sinceMs = asOfMs - forgottenAfterMs;
  const isUnquoted = (underlying: string) => (quotedAtMs.get(underlying) ?? sinceMs) < sinceMs;
  const unquoted = [...quotedAtMs.keys()].filter(isUnquoted);
  if (unquoted.length === 0) return;
  const held = await loadUnquotedHoldings(margin, shardCount, asOfMs);
  const currencies = new Set(
    instruments.flatMap(({ instrument }) => (isUnquoted(instrument.underlying) ? [] : instrument.quoteCurrency)),
  );
  const unused = unquoted.filter((underlying) => !held.has(underlying) && !currencies.has(underlying));
  if (unused.length > 0) await forgetUnderlyings(market, unused, sinceMs);
}

/**
 * Records daily prices. Prices of too low a quality to escalate a call are left out, as margins follow this history.
 */
async function recordDays(market: Table, { underlyings, asOfMs }: MarketSnapshot): Promise<void> {
  const trusted = underlyings.filter(({ quality }) => quality === "good" || quality === "widened");
  const record = ({ underlying, indexPrice }: (typeof trusted)[number]) =>
    recordDay(market, underlying, indexPrice, asOfMs);
  await mapAsync(trusted, record, { concurrency: marketsAtOnce });
}

async function saveAnchors(market: Table, { underlyings, asOfMs }: MarketSnapshot, nowMs: number): Promise<void> {
  const priced = underlyings.filter(({ quality }) => quality !== "blocked");
  const save = ({ underlying, indexPrice }: (typeof priced)[number]) =>
    saveAnchor(market, underlying, { indexPrice: priceText(indexPrice), asOfMs }, nowMs);
  await mapAsync(priced, save, { concurrency: marketsAtOnce });
}
