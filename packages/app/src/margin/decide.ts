import { changeSeverity, computeCure, noCall, type StatedMargin, type StatedRung } from "@plimsoll/calls";
import { assessResult, type MarginedPool, type PriceQuality, type Severity, worstQuality } from "@plimsoll/risk";
import { callEvent, type MarginedRow, type MarginRow, type NotMarginedRow, toWire } from "@plimsoll/schema";
import type { CommittedChange, HistoryPoint, StoredState } from "@plimsoll/store";
import { nextHistory } from "./history.ts";
import { type Margined, marginPool, type Refused, refusalOf } from "./margin-pool.ts";
import type { PreparedEngine } from "./prepared-engines.ts";
import type { StoredPool } from "./stored-pools.ts";

/** Version of the computations, stated in every event. It must change whenever results do. */
export const engineVersion = "plimsoll-risk/0.1.0";

/** The inputs of one pass over a shard that decisions depend on. */
export interface DecisionContext {
  readonly market: PreparedEngine;
  readonly environment: string;
  readonly occurredAtMs: number;
}

/** What was known of a pool before this pass: its row in the last block, and its committed state if it was read. */
export interface Before {
  readonly row: MarginRow | undefined;
  readonly state: StoredState | undefined;
}

export interface Decision {
  /** The new row of the pool. If its severity changes, it is the previous row until the change is committed. */
  readonly row: MarginRow;
  /** The change of severity to be committed, or null. */
  readonly change: SeverityChange | null;
  readonly history: HistoryPoint | null;
  /** True if the row is unchanged, because nothing that it depends on has changed. */
  readonly isKept: boolean;
  /** The figures that the severity was decided on, and the quality of their prices. Null without new figures. */
  readonly basis: { readonly figures: MarginedPool; readonly quality: PriceQuality } | null;
}

/** A change of severity that still has to get its call prices and to be committed. */
export interface SeverityChange {
  readonly severity: Severity;
  readonly margin: StatedMargin;
  /** Builds the change to be committed and the row after it. The ladder is null if there was no time for it. */
  readonly announce: (ladder: readonly StatedRung[] | null) => Announced;
}

export interface Announced {
  readonly row: MarginedRow;
  readonly committed: CommittedChange;
}

/**
 * Margins one pool of an account and decides its severity. Errors of this pool become a reason in its row and are never
 * thrown (I9).
 */
export function decidePool(pool: StoredPool, before: Before, context: DecisionContext): Decision {
  const known = currentRow(before);
  if (known !== undefined && isStanding(pool, before, context.market)) {
    return { row: known, change: null, history: null, isKept: true, basis: null };
  }
  const refuse = (refused: Refused): Decision => {
    const row = refusedRow(pool, before, context.market, refused);
    return { row, change: null, history: null, isKept: false, basis: null };
  };
  try {
    const result = marginPool(pool, context.market);
    return result.status === "not_margined" ? refuse(result) : settle(pool, result, before, context);
  } catch (error) {
    return refuse(refusalOf(error));
  }
}

/** Builds the row of a pool that the pass had no time for. It says so until a later pass computes it (I2). */
export function unreachedRow(pool: StoredPool, before: Before, market: PreparedEngine): NotMarginedRow {
  const value = "this pass over the shard had no time for it";
  const remedy = "wait for the next pass; it goes on with the accounts that are left";
  const refused = { status: "not_margined", code: "out_of_time", field: "account_id", value, remedy } as const;
  return refusedRow(pool, before, market, refused);
}

function refusedRow(
  pool: StoredPool,
  before: Before,
  { snapshot }: PreparedEngine,
  { code, field, value, remedy }: Refused,
): NotMarginedRow {
  const { ledgerSequence } = pool;
  const reason = { code, field, value, remedy, lastGood: lastGoodOf(before.row) };
  const carried = carriedBy(pool, before);
  return { status: "not_margined", ...carried, snapshotId: snapshot.snapshotId, ledgerSequence, ...reason };
}

type Carried = Omit<MarginedRow, "status" | "margin">;

/** Returns what a pool keeps while its severity does not change. */
function carriedBy({ accountId, poolId }: StoredPool, before: Before): Carried {
  const known = currentRow(before);
  const { severity, sequence, call } = known ?? before.state ?? noCall;
  return {
    accountId,
    poolId,
    severity,
    cleanSweeps: known?.cleanSweeps ?? 0,
    sequence,
    call,
    historyRatio: before.row?.historyRatio ?? null,
    ...(known?.lateLadder && { lateLadder: known.lateLadder }),
    ...(before.row?.extrasTurn && { extrasTurn: before.row.extrasTurn }),
    ...(before.row?.assumedEntries && { assumedEntries: before.row.assumedEntries }),
  };
}

/** Decides the severity of a pool from its figures, with the event and the history point that follow. */
function settle(
  pool: StoredPool,
  { figures, margin, assumedEntries }: Margined,
  before: Before,
  context: DecisionContext,
): Decision {
  const { assumedEntries: _replaced, ...carried } = carriedBy(pool, before);
  const { snapshot, parameters } = context.market;
  const { accountId, poolId, poolKey } = pool;
  const history = nextHistory(before.row, margin, poolKey, context.market);
  const entries = assumedEntries.length > 0 && { assumedEntries };
  const settled = { status: "margined", ...carried, ...entries, historyRatio: history.ratio, margin } as const;
  const quality = worstQuality([...figures.units, { quality: figures.collateralQuality }]);
  const basis = { figures, quality };
  if (isOvertaken(before.state, margin)) {
    return { row: settled, change: null, history: history.point, isKept: false, basis };
  }
  const { severity, cleanSweeps } = assessResult(
    { severity: carried.severity, cleanSweeps: sweepsBefore(currentRow(before), snapshot.snapshotId) },
    figures,
    parameters.severity,
    quality,
  );
  if (severity === carried.severity) {
    return { row: { ...settled, cleanSweeps }, change: null, history: history.point, isKept: false, basis };
  }
  const { lateLadder: _told, ...lasting } = settled;
  const { snapshotId, ledgerSequence } = margin;
  const announce = (ladder: readonly StatedRung[] | null): Announced => {
    const changed = changeSeverity(carried, severity, {
      accountId,
      poolId,
      environment: context.environment,
      occurredAtMs: context.occurredAtMs,
      asOfMs: snapshot.asOfMs,
      priceAgeMs: oldestPriceOf(pool, context.market),
      priceQuality: quality,
      engineVersion,
      margin,
      ladder,
      ...computeCure(margin, severity, parameters.severity),
      graceMs: null,
    });
    if (changed === null) throw new Error(`${poolKey}: ${severity} is no change`);
    const isOwed = ladder === null && changed.state.call !== null;
    return {
      row: {
        ...lasting,
        ...changed.state,
        cleanSweeps,
        ...(isOwed && { lateLadder: { snapshotId, ladder: null } }),
      },
      committed: {
        state: { ...changed.state, poolKey, snapshotId, ledgerSequence },
        event: callEvent.parse(toWire(changed.event)),
      },
    };
  };
  const change = { severity, margin, announce };
  return { row: unreachedRow(pool, before, context.market), change, history: history.point, isKept: false, basis };
}

/** Returns the row, unless it lacks the last committed change. */
function currentRow({ row, state }: Before): MarginRow | undefined {
  return row !== undefined && state !== undefined && state.sequence > row.sequence ? undefined : row;
}

/**
 * Whether the pool's row is based on this market and ledger sequence, so that computing it again would change nothing.
 */
export function isStanding(pool: StoredPool, before: Before, { snapshot, parameters }: PreparedEngine): boolean {
  const row = currentRow(before);
  if (row === undefined) return false;
  if (row.status === "not_margined") {
    if (row.code === "out_of_time" || row.code === "state_unreadable") return false;
    return row.snapshotId === snapshot.snapshotId && row.ledgerSequence === pool.ledgerSequence;
  }
  const { snapshotId, parametersVersion, ledgerSequence } = row.margin;
  return (
    snapshotId === snapshot.snapshotId &&
    parametersVersion === parameters.parametersVersion &&
    ledgerSequence === pool.ledgerSequence
  );
}

/** Whether the committed state is based on the same or newer data, so that it must stay (I1, I3). */
function isOvertaken(state: StoredState | undefined, margin: StatedMargin): boolean {
  if (state === undefined) return false;
  if (state.snapshotId > margin.snapshotId) return true;
  return state.snapshotId === margin.snapshotId && state.ledgerSequence >= margin.ledgerSequence;
}

/** Returns the clean sweeps before this one. A second pass over the same snapshot is not another sweep. */
function sweepsBefore(row: MarginRow | undefined, snapshotId: string): number {
  if (row === undefined) return 0;
  const isCounted = row.status === "margined" && row.margin.snapshotId === snapshotId;
  return isCounted ? Math.max(0, row.cleanSweeps - 1) : row.cleanSweeps;
}

function lastGoodOf(row: MarginRow | undefined): StatedMargin | null {
  if (row === undefined) return null;
  return row.status === "margined" ? row.margin : row.lastGood;
}

function oldestPriceOf({ contents }: StoredPool, { engine }: PreparedEngine): number {
  return contents === null ? 0 : engine.oldestPriceAgeMs(contents.pool);
}
