import type { MarginEngine } from "../engine/index.ts";
import {
  type MarginedPool,
  type MarketSnapshot,
  type ParameterSet,
  type Pool,
  type QuotedInstrument,
  type Severity,
  severityRank,
  traitsOf,
} from "../model/index.ts";
import { blendInWindows } from "../settlement/index.ts";
import { keptSeverityOf } from "../severity/index.ts";
import { addBalance, closeShare } from "./close-position.ts";
import { faultyInstruments } from "./contributions.ts";

/** A change that restores a pool to a severity. It is verified by margining the changed pool. */
export type Cure = DepositCure | ReductionCure;

interface CureBase {
  /** The pool with the cure applied, and its result. */
  readonly pool: Pool;
  readonly result: MarginedPool;
}

export interface DepositCure extends CureBase {
  readonly kind: "deposit";
  readonly asset: string;
  /** The deposit in units of the asset. */
  readonly amount: number;
}

export interface ReductionCure extends CureBase {
  readonly kind: "reduction";
  readonly instrumentId: string;
  /**
   * The signed number of contracts to trade. A negative number sells a long position, and a positive number buys back a
   * short one.
   */
  readonly quantity: number;
  /** The fraction of the position that is closed. */
  readonly share: number;
  /** The size of the trade at the underlying's index price, in US dollars. */
  readonly notionalUsd: number;
}

/**
 * The relative precision of a cure's size. It is small because a deposit or trade just below the cure does not restore
 * the severity.
 */
const CURE_TOLERANCE = 1e-9;

/**
 * The number of equal shares of a position that are tried, from small to all, until one restores the severity. The
 * search then narrows between that share and the one before.
 */
const REDUCTION_STEPS = 32;
const BISECTIONS = 40;
/** Deposits are tried up to this multiple of what is held and required together. */
const DEPOSIT_LIMIT = 1e6;

/**
 * Finds the cures that restore a pool to `severity` or better and keep it there, other things equal. The pool
 * then stays below the leave levels of all graver rungs. The cures are the least deposit of the pool's currency and the
 * least reduction of each single position. The deposit comes first, then reductions by notional, smallest first. A
 * position that does not restore the severity even when fully closed has no cure. Reductions trade at the mark without
 * fees. The list is empty if the severity is already reached or the pool cannot be margined.
 */
export function findCures(
  engine: MarginEngine,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  pool: Pool,
  severity: Severity,
): readonly Cure[] {
  const restored = restoredBy(engine, parameters, severity);
  const result = engine.margin(pool);
  if (result.status !== "margined" || restored(pool) !== null) return [];
  const deposit = findDeposit(pool, result, restored);
  const indexPrices = new Map(snapshot.underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const faulty = faultyInstruments(pool, result);
  const held = new Set(pool.positions.map(({ instrumentId }) => instrumentId).filter((id) => !faulty.has(id)));
  const reductions = blendInWindows(snapshot)
    .instruments.filter(({ instrument }) => held.has(instrument.instrumentId))
    .map((quoted) => findReduction(pool, quoted, indexPrices, restored))
    .filter((cure) => cure !== null)
    .sort((a, b) => a.notionalUsd - b.notionalUsd || (a.instrumentId < b.instrumentId ? -1 : 1));
  return deposit === null ? reductions : [deposit, ...reductions];
}

type Restored = (changed: Pool) => MarginedPool | null;

/**
 * Returns a function that margins a changed pool and returns its result if it is at `severity` or better and stays
 * there, otherwise null.
 */
export function restoredBy(engine: MarginEngine, parameters: ParameterSet, severity: Severity): Restored {
  return (changed) => {
    const result = engine.margin(changed);
    if (result.status !== "margined") return null;
    return severityRank(keptSeverityOf(result, parameters.severity)) <= severityRank(severity) ? result : null;
  };
}

function findDeposit(pool: Pool, result: MarginedPool, restored: Restored): DepositCure | null {
  const asset = pool.poolCurrency;
  const deposit = (amount: number) => ({ ...pool, collateral: addBalance(pool.collateral, asset, amount) });
  const scale =
    Math.abs(result.equity) + Math.abs(result.marginBalance) + result.initialMargin + result.maintenanceMargin;
  let enough = scale / 1024;
  while (restored(deposit(enough)) === null) {
    enough *= 2;
    if (!(enough < scale * DEPOSIT_LIMIT)) return null;
  }
  const amount = leastThat((tried) => restored(deposit(tried)) !== null, 0, enough);
  return { kind: "deposit", asset, amount, pool: deposit(amount), result: restored(deposit(amount))! };
}

function findReduction(
  pool: Pool,
  quoted: QuotedInstrument,
  indexPrices: ReadonlyMap<string, number>,
  restored: Restored,
): ReductionCure | null {
  const { instrument } = quoted;
  const net = pool.positions.reduce(
    (sum, { instrumentId, quantity }) => (instrumentId === instrument.instrumentId ? sum + quantity : sum),
    0,
  );
  if (net === 0) return null;
  const restores = (share: number) => restored(closeShare(pool, quoted, share)) !== null;
  let share: number | null = null;
  for (let step = 1; step <= REDUCTION_STEPS && share === null; step += 1) {
    const from = (step - 1) / REDUCTION_STEPS;
    if (restores(step / REDUCTION_STEPS)) share = leastThat(restores, from, step / REDUCTION_STEPS);
  }
  if (share === null) return null;
  // Margins are not monotone in a position: if half of it also restores the severity, a smaller reduction is enough.
  while (restores(share / 2)) share = leastThat(restores, 0, share / 2);
  const reduced = closeShare(pool, quoted, share);
  const indexPrice = indexPrices.get(instrument.underlying) ?? Number.NaN;
  const isCoinSized = traitsOf(instrument).isPaidFor || instrument.settlement === "linear";
  const unitUsd = isCoinSized ? instrument.contractSize * indexPrice : instrument.contractSize;
  return {
    kind: "reduction",
    instrumentId: instrument.instrumentId,
    quantity: 0 - net * share,
    share,
    notionalUsd: Math.abs(net * share) * unitUsd,
    pool: reduced,
    result: restored(reduced)!,
  };
}

/**
 * Finds the least number between `from` and `to` that satisfies a condition, within a fraction CURE_TOLERANCE. `to`
 * must satisfy it, and `from` must not.
 */
function leastThat(satisfies: (tried: number) => boolean, from: number, to: number): number {
  let below = from;
  let enough = to;
  for (let step = 0; step < BISECTIONS && enough - below > CURE_TOLERANCE * enough; step += 1) {
    const middle = below + (enough - below) / 2;
    if (satisfies(middle)) enough = middle;
    else below = middle;
  }
  return enough;
}
