import { defaultMethodId, type MayGoOn, severityRank } from "@plimsoll/risk";
import type { MarginRow, ShardWork } from "@plimsoll/schema";
import type { CommittedChange, HistoryPoint } from "@plimsoll/store";
import type { Stopwatch } from "../log.ts";
import {
  type Before,
  type DecisionContext,
  decidePool,
  isStanding,
  type SeverityChange,
  unreachedRow,
} from "./decide.ts";
import { addLateLadder, type LadderContext, ladderOf, missingExtras, projectOrders } from "./extras.ts";
import { refusalOf } from "./margin-pool.ts";
import { inSlices, type PassTime } from "./pass-time.ts";
import type { PreparedEngine } from "./prepared-engines.ts";
import type { StoredPool } from "./stored-pools.ts";

/** Milliseconds per phase. */
export interface ShardTimings {
  reading: number;
  pricing: number;
  accumulating: number;
  writing: number;
}

/** The inputs and measurements of one pass over a shard. */
export interface Pass extends LadderContext {
  readonly work: ShardWork;
  readonly environment: string;
  readonly time: PassTime;
  /** Wall clock when the pass began. */
  readonly nowMs: number;
  readonly stopwatch: Stopwatch;
  readonly milliseconds: ShardTimings;
}

/** A pool with what was known before the pass, and its results so far. */
export interface DecidedPool {
  readonly pool: StoredPool;
  readonly before: Before;
  row: MarginRow;
  change: SeverityChange | null;
  readonly history: HistoryPoint | null;
  isCommitted: boolean;
}

/** Whether a pool is left to a later pass. */
export function isUnreached(row: MarginRow): boolean {
  return row.status === "not_margined" && row.code === "out_of_time";
}

/**
 * Margins and decides every pool, and returns them in their order. Pools left over by the previous pass come
 * first, then the gravest. Those for which no time is left get a row that says so.
 */
export function decidePools(
  pools: readonly { readonly pool: StoredPool; readonly before: Before }[],
  { work, environment, market, time, nowMs, stopwatch, milliseconds }: Pass,
): DecidedPool[] {
  const pricing = stopwatch();
  const open = pools.filter(({ pool, before }) => !isStanding(pool, before, market));
  priceHeld(
    market,
    open.map(({ pool }) => pool),
  );
  milliseconds.pricing = pricing();

  const accumulating = stopwatch();
  // If a wrong clock dated the request ahead, it counts as of now.
  const occurredAtMs = Math.min(nowMs, Date.parse(work.requested_at));
  const context: DecisionContext = { market, environment, occurredAtMs };
  // At least one pool is margined, since a pass that reaches none would be repeated without end.
  let mayGoOn = true;
  const decided = new Map<string, DecidedPool>();
  for (const { pool, before } of byUrgency(open)) {
    const { row, change, history } = mayGoOn
      ? decidePool(pool, before, context)
      : { row: unreachedRow(pool, before, market), change: null, history: null };
    decided.set(pool.poolKey, { pool, before, row, change, history, isCommitted: false });
    mayGoOn &&= time.within("margins");
  }
  const all = pools.map(({ pool, before }): DecidedPool => {
    const own = decided.get(pool.poolKey);
    if (own !== undefined) return own;
    const { row, history } = decidePool(pool, before, context);
    return { pool, before, row, change: null, history, isCommitted: false };
  });
  milliseconds.accumulating = accumulating();
  return all;
}

/** A change of severity that is ready to be committed, and the row after it. */
export interface AnnouncedChange {
  readonly decision: DecidedPool;
  readonly row: MarginRow;
  readonly committed: CommittedChange;
}

/** Prepares the changes of severity, gravest first, with the call prices for which there is time. */
export function announceChanges(decided: readonly DecidedPool[], pass: Pass): AnnouncedChange[] {
  const { market, time } = pass;
  const changes = decided
    .flatMap((decision) => (decision.change === null ? [] : [{ decision, change: decision.change }]))
    .sort((a, b) =>
      compareRisk(riskOf(a.change.severity, a.change.margin), riskOf(b.change.severity, b.change.margin)),
    );
  const ladders = new Map<DecidedPool, NonNullable<ReturnType<typeof ladderOf>>>();
  inSlices(changes, "ladders", time, ({ decision }, mayGoOn) => {
    const ladder = ladderOf(decision.pool, pass, mayGoOn);
    if (ladder !== null) ladders.set(decision, ladder);
    return ladder !== null;
  });
  return changes.flatMap(({ decision, change }) => {
    try {
      return [{ decision, ...change.announce(ladders.get(decision) ?? null) }];
    } catch (error) {
      // An error of one account does not stop the others (I9).
      decision.row = { ...unreachedRow(decision.pool, decision.before, market), ...refusalOf(error) };
      return [];
    }
  });
}

/**
 * Adds missing extras to the rows while there is time: first those left over from before, then the gravest. What does
 * not fit into a slice comes last and in turn. A pool that had all the remaining time goes to the end of the line, so
 * that each gets a turn and none blocks the others in every pass.
 */
export function completeRows(decided: readonly DecidedPool[], pass: Pass): void {
  const { market, time } = pass;
  const lacking = decided
    .map((decision) => ({ decision, missing: missingExtras(decision.row), owed: missingExtras(decision.before.row) }))
    .filter(({ missing }) => missing.ladder || missing.projection)
    .sort(
      (a, b) =>
        Number(b.owed.ladder || b.owed.projection) - Number(a.owed.ladder || a.owed.projection) ||
        compareRisk(riskBefore(a.decision.row), riskBefore(b.decision.row)),
    )
    .map(({ decision }) => decision);
  const complete = (decision: DecidedPool, mayGoOn: MayGoOn): boolean => {
    const { pool } = decision;
    if (missingExtras(decision.row).ladder) decision.row = addLateLadder(decision.row, pool, pass, mayGoOn);
    if (missingExtras(decision.row).projection) decision.row = projectOrders(decision.row, pool, market, mayGoOn);
    const { ladder, projection } = missingExtras(decision.row);
    return !ladder && !projection;
  };
  const unknown = lacking.filter(({ row }) => row.extrasTurn === undefined);
  const large = lacking.filter(({ row }) => row.extrasTurn !== undefined).sort(byTurn);
  const turns = inSlices(unknown, "extras", time, complete, large);
  for (const [decision, turn] of turns) {
    const { extrasTurn: _last, ...row } = decision.row;
    decision.row = turn === "fits" ? row : { ...row, extrasTurn: market.snapshot.snapshotId };
  }
}

/** Orders pools by the snapshot of their last turn, oldest first. */
function byTurn({ row: { extrasTurn: a = "" } }: DecidedPool, { row: { extrasTurn: b = "" } }: DecidedPool): number {
  return a < b ? -1 : Number(a > b);
}

/** Urgency of a pool: left over from a previous pass, then severity, then required share of the balance. */
type Risk = readonly [left: number, severity: number, ratio: number];

function compareRisk(a: Risk, b: Risk): number {
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2];
}

function riskOf(
  severity: MarginRow["severity"],
  margin: { readonly marginRatio: string | null } | null,
  isLeft = false,
): Risk {
  // A balance that is not positive has no ratio, and counts as the gravest.
  const ratio = margin === null ? 0 : margin.marginRatio === null ? Number.MAX_VALUE : Number(margin.marginRatio);
  return [Number(isLeft), severityRank(severity), ratio];
}

function riskBefore(row: MarginRow | undefined): Risk {
  if (row === undefined) return [0, 0, 0];
  return riskOf(row.severity, row.status === "margined" ? row.margin : row.lastGood, isUnreached(row));
}

function byUrgency<Item extends { readonly before: Before }>(items: readonly Item[]): Item[] {
  const ranked = items.map((item) => ({ item, risk: riskBefore(item.before.row) }));
  return ranked.sort((a, b) => compareRisk(a.risk, b.risk)).map(({ item }) => item);
}

/**
 * Lets the engine price all instruments that these pools hold or have ordered before it sums any pool, so that pricing
 * and summing are timed separately. An instrument that cannot be priced is reported by the accounts that hold it.
 */
function priceHeld({ engine, priced }: PreparedEngine, pools: readonly StoredPool[]): void {
  for (const { contents } of pools) {
    for (const { instrumentId } of [...(contents?.pool.positions ?? []), ...(contents?.openOrders ?? [])]) {
      if (priced.has(instrumentId)) continue;
      priced.add(instrumentId);
      engine.margin({
        accountId: "pricing",
        poolCurrency: "USD",
        methodId: defaultMethodId,
        ledgerSequence: 0,
        collateral: [],
        positions: [{ instrumentId, quantity: 1, entryPrice: 1 }],
      });
    }
  }
}
