import { computeCure, noCall, type StatedMargin, transition } from "@plimsoll/calls";
import { assessResult, type MarginedAccount, worstQuality } from "@plimsoll/risk";
import {
  callEvent,
  type MarginedRow,
  type MarginRow,
  type NotMarginedRow,
  stateLadder,
  toWire,
} from "@plimsoll/schema";
import type { CommittedTransition, HistoryPoint, StoredState } from "@plimsoll/store";
import type { StoredBook } from "./books.ts";
import type { PreparedMarket } from "./engine-cache.ts";
import { nextHistory } from "./history.ts";
import { type Margined, marginBook, type Refused, refusalOf } from "./margin-book.ts";

/** Version of the arithmetic, named in every event: a change of results is a change of this. */
export const engineVersion = "plimsoll-risk/0.1.0";

/** What one pass over a shard decides with. */
export interface DecisionContext {
  readonly market: PreparedMarket;
  readonly environment: string;
  readonly occurredAtMs: number;
  /** Ladders that may still be computed in this pass. */
  readonly laddersLeft: { count: number };
  /** Books that may still be margined for open orders in this pass. */
  readonly orderTriesLeft: { count: number };
}

/**
 * Ladders computed in one pass over a shard. Each takes up to 10 ms by `portfolio` and several times that by SPAN, so that a
 * crash that moves thousands of accounts would outlast the function; calls beyond this go out without their next prices
 * rather than late.
 */
export const laddersPerPass = 1_000;

/** What is known of a pool before it is margined: its row in the last block, and its committed state where read. */
export interface Before {
  readonly row: MarginRow | undefined;
  readonly state: StoredState | undefined;
}

export interface Decision {
  readonly row: MarginRow;
  readonly transition: CommittedTransition | null;
  readonly history: HistoryPoint | null;
  /** True when the row is the old one: nothing that it rests on has changed. */
  readonly isKept: boolean;
}

/** Margins one pool of an account and decides its severity. Never throws for what is wrong with it (I9). */
export function decideBook(stored: StoredBook, before: Before, context: DecisionContext): Decision {
  const known = currentRow(before);
  if (known !== undefined && isStanding(stored, before, context.market)) {
    return { row: known, transition: null, history: null, isKept: true };
  }
  const call = known ?? before.state ?? noCall;
  const carried = {
    accountId: stored.accountId,
    poolId: stored.poolId,
    severity: call.severity,
    cleanSweeps: known?.cleanSweeps ?? 0,
    sequence: call.sequence,
    call: call.call,
    historyRatio: before.row?.historyRatio ?? null,
    ...(before.row?.assumedEntries && { assumedEntries: before.row.assumedEntries }),
  };
  const refuse = ({ code, field, value, remedy }: Refused): Decision => {
    const { snapshotId } = context.market.snapshot;
    const reason = { code, field, value, remedy, lastGood: lastGoodOf(before.row) };
    const { ledgerSequence } = stored;
    const row: NotMarginedRow = { status: "not_margined", ...carried, snapshotId, ledgerSequence, ...reason };
    return { row, transition: null, history: null, isKept: false };
  };
  try {
    const result = marginBook(stored, context.market, context.orderTriesLeft, carried.assumedEntries);
    return result.status === "not_margined" ? refuse(result) : settle(stored, result, carried, before, context);
  } catch (error) {
    return refuse(refusalOf(error));
  }
}

type Carried = Omit<MarginedRow, "status" | "margin">;

/** Decides the severity of a pool that has its figures, and what is told and kept of the change. */
function settle(
  stored: StoredBook,
  { figures, margin, assumedEntries }: Margined,
  { assumedEntries: _, ...carried }: Carried,
  before: Before,
  context: DecisionContext,
): Decision {
  const { snapshot, parameters } = context.market;
  const { accountId, poolId, bookId } = stored;
  const history = nextHistory(before.row, margin, bookId, context.market);
  const entries = assumedEntries.length > 0 && { assumedEntries };
  const settled = { status: "margined", ...carried, ...entries, historyRatio: history.ratio, margin } as const;
  if (isOvertaken(before.state, margin)) {
    return { row: settled, transition: null, history: history.point, isKept: false };
  }
  const quality = worstQuality([...figures.units, { quality: figures.collateralQuality }]);
  const { severity, cleanSweeps } = assessResult(
    { severity: carried.severity, cleanSweeps: sweepsBefore(currentRow(before), snapshot.snapshotId) },
    figures,
    parameters.severity,
    quality,
  );
  const changed = transition(carried, severity, {
    accountId,
    poolId,
    environment: context.environment,
    occurredAtMs: context.occurredAtMs,
    asOfMs: snapshot.asOfMs,
    priceAgeMs: oldestPrice(figures, context.market),
    priceQuality: quality,
    engineVersion,
    margin,
    ladder: severity === carried.severity ? [] : ladderOf(stored, context),
    ...computeCure(margin, severity, parameters.severity),
    graceMs: null,
  });
  if (changed === null) {
    return { row: { ...settled, cleanSweeps }, transition: null, history: history.point, isKept: false };
  }
  const { snapshotId, ledgerSequence } = margin;
  return {
    row: { ...settled, ...changed.state, cleanSweeps },
    transition: {
      state: { ...changed.state, bookId, snapshotId, ledgerSequence },
      event: callEvent.parse(toWire(changed.event)),
    },
    history: history.point,
    isKept: false,
  };
}

/** The row, unless it does not know of the last committed change. */
function currentRow({ row, state }: Before): MarginRow | undefined {
  return row !== undefined && state !== undefined && state.sequence > row.sequence ? undefined : row;
}

/** True when the pool's row rests on this very market and ledger sequence: computing it again would change nothing. */
export function isStanding(stored: StoredBook, before: Before, { snapshot, parameters }: PreparedMarket): boolean {
  const row = currentRow(before);
  if (row === undefined) return false;
  if (row.status === "not_margined") {
    return row.snapshotId === snapshot.snapshotId && row.ledgerSequence === stored.ledgerSequence;
  }
  const { snapshotId, parametersVersion, ledgerSequence } = row.margin;
  return (
    snapshotId === snapshot.snapshotId &&
    parametersVersion === parameters.parametersVersion &&
    ledgerSequence === stored.ledgerSequence
  );
}

/** The committed state rests on the same or on newer data: it stands (I1, I3). */
function isOvertaken(state: StoredState | undefined, margin: StatedMargin): boolean {
  if (state === undefined) return false;
  if (state.snapshotId > margin.snapshotId) return true;
  return state.snapshotId === margin.snapshotId && state.ledgerSequence >= margin.ledgerSequence;
}

/** A second look at the same snapshot is not another sweep. */
function sweepsBefore(row: MarginRow | undefined, snapshotId: string): number {
  if (row === undefined) return 0;
  const isCounted = row.status === "margined" && row.margin.snapshotId === snapshotId;
  return isCounted ? Math.max(0, row.cleanSweeps - 1) : row.cleanSweeps;
}

function lastGoodOf(row: MarginRow | undefined): StatedMargin | null {
  if (row === undefined) return null;
  return row.status === "margined" ? row.margin : row.lastGood;
}

function ladderOf({ pool }: StoredBook, { market, laddersLeft }: DecisionContext) {
  if (pool === null || laddersLeft.count === 0) return [];
  laddersLeft.count -= 1;
  return stateLadder(market.engine.callPrices(pool.account));
}

function oldestPrice(figures: MarginedAccount, { snapshot }: PreparedMarket): number {
  const used = new Set(figures.units.map((unit) => unit.underlying));
  const ages = snapshot.underlyings.filter((state) => used.has(state.underlying)).map((state) => state.priceAgeMs);
  return Math.max(0, ...ages);
}
