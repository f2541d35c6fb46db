import { buildSnapshot, defaultOracleParameters } from "@plimsoll/oracle";
import { defaultParameters, type MarketSnapshot } from "@plimsoll/risk";
import { limits, nameParameters, nameSnapshot, priceText, type ShardWork, snapshotTimeMs } from "@plimsoll/schema";
import {
  activateParameters,
  findActivation,
  findNewestCompletedSweep,
  findNewestSnapshot,
  getSnapshot,
  loadQuotes,
  recordDay,
  saveAnchor,
  saveParameters,
  saveSnapshot,
  startSweepRecord,
  type Table,
} from "@plimsoll/store";

export interface SweepPorts {
  readonly market: Table;
  readonly margin: Table;
  readonly shardCount: number;
  readonly quoteMaxAgeMs: number;
  /** Sends all messages or throws. */
  readonly sendShardWork: (messages: readonly ShardWork[]) => Promise<void>;
  /** Wall clock, for expiry dates and durations. */
  readonly nowMs: () => number;
}

export interface SweepSummary {
  /** `no_prices`: nothing was ever quoted. `superseded`: a newer snapshot is pinned already. */
  readonly outcome: "started" | "no_prices" | "superseded";
  readonly snapshotId: string | null;
  readonly instruments: number;
  readonly underlyings: readonly {
    readonly underlying: string;
    readonly quality: string;
    readonly reason: string | null;
  }[];
  /** Age of the newest completed sweep's snapshot when this one starts; null when none has completed. */
  readonly sweepAgeMs: number | null;
  readonly unreadableQuotes: readonly string[];
}

/**
 * Pins the market as of a time and asks for every shard on it. The same quotes and time give the same snapshot, so a
 * repeat after a crash goes on where it stopped.
 */
export async function startSweep(asOfMs: number, ports: SweepPorts): Promise<SweepSummary> {
  const { market, margin, shardCount } = ports;
  const completed = await findNewestCompletedSweep(margin);
  const sweepAgeMs = completed === undefined ? null : Math.max(0, asOfMs - snapshotTimeMs(completed));
  const nothing = { snapshotId: null, instruments: 0, underlyings: [], sweepAgeMs, unreadableQuotes: [] };
  const newest = await findNewestSnapshot(market);
  if (newest !== undefined && snapshotTimeMs(newest.snapshotId) > asOfMs) return { outcome: "superseded", ...nothing };
  const { quotes, unreadable } = await loadQuotes(market);
  const before = await findNewestSnapshot(market, asOfMs);
  const previous = before === undefined ? null : await getSnapshot(market, before.snapshotId);
  const snapshot = nameSnapshot(
    buildSnapshot(quotes, asOfMs, previous, {
      ...defaultOracleParameters,
      quoteMaxAgeMs: ports.quoteMaxAgeMs,
      instrumentsPerSnapshot: limits.instrumentsPerSnapshot,
      lapsedPerSnapshot: limits.lapsedInstruments,
    }),
  );
  if (snapshot.underlyings.length === 0) return { outcome: "no_prices", ...nothing, unreadableQuotes: unreadable };
  const { snapshotId } = snapshot;
  const inEffect = await findVersionInEffect(market, asOfMs);
  const parametersVersion = await saveSnapshot(market, snapshot, inEffect, ports.nowMs());
  await startSweepRecord(margin, { snapshotId, shardCount }, ports.nowMs());
  await saveAnchors(market, snapshot);
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
  // After the margins have been asked for: they do not wait for the history.
  await recordDays(market, snapshot);
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

/** The version in effect, or the one that ships, stored first so that results always name a stored version. */
async function findVersionInEffect(market: Table, asOfMs: number): Promise<string> {
  const activation = await findActivation(market, asOfMs);
  if (activation !== undefined) return activation.version;
  const { parametersVersion: name, ...content } = defaultParameters;
  const shipped = nameParameters(name, content);
  const version = shipped.parametersVersion;
  await saveParameters(market, shipped);
  const first = { sequence: 1, version, effectiveFromMs: asOfMs, activatedBy: "shipped", proposalId: null };
  await activateParameters(market, first);
  return version;
}

/** Prices that may not escalate anything do not belong in a history that margins follow either. */
async function recordDays(market: Table, { underlyings, asOfMs }: MarketSnapshot): Promise<void> {
  for (const { underlying, indexPrice, quality } of underlyings) {
    if (quality === "good" || quality === "widened") await recordDay(market, underlying, indexPrice, asOfMs);
  }
}

async function saveAnchors(market: Table, { underlyings, asOfMs }: MarketSnapshot): Promise<void> {
  for (const { underlying, indexPrice, quality } of underlyings) {
    if (quality === "blocked") continue;
    await saveAnchor(market, underlying, { indexPrice: priceText(indexPrice), asOfMs });
  }
}
