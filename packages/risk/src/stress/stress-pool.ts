import { createMarginEngine } from "../engine/index.ts";
import type { IncompleteReason, MarketSnapshot, NotMarginedPool, ParameterSet, Pool } from "../model/index.ts";
import type { JointScenarioSet } from "../scenarios/index.ts";
import { moveMarketJointly } from "./move-market.ts";

/** The loss of a pool in one named stress. */
export interface StressLoss {
  readonly scenarioId: string;
  readonly label: string;
  /** Equity before minus equity after, in pool currency. A loss is positive. */
  readonly loss: number;
  /** The part of the loss that exceeds initial margin, at least 0. */
  readonly lossBeyondMargin: number;
  /** Equity after the stress. A negative amount is owed. */
  readonly equityAfter: number;
}

export interface StressResult {
  readonly status: "stressed";
  readonly setId: string;
  /** Before any stress, in pool currency. */
  readonly equity: number;
  readonly initialMargin: number;
  /** Sorted by loss, worst first. Equal losses keep the order of the set. */
  readonly losses: readonly StressLoss[];
  /** What could not be margined in full before any stress. It is absent if there is nothing. */
  readonly incomplete?: readonly IncompleteReason[];
}

/**
 * Revalues a pool fully in each scenario of a set, with all moves at once and no time passing. Equity counts
 * collateral before haircuts, at moved prices, in the pool's currency at its moved price. The result is a refusal if
 * the pool cannot be margined.
 */
export function stressPool(
  pool: Pool,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  set: JointScenarioSet,
): StressResult | NotMarginedPool {
  const held = holdOnly(snapshot, pool);
  // This uses the whole snapshot, so that a refusal can name similar instruments.
  const before = createMarginEngine(snapshot, parameters).margin(pool);
  if (before.status === "not_margined") return before;
  const { equity, initialMargin, incomplete } = before;
  const losses: StressLoss[] = [];
  for (const [scenario, scenarioId] of set.scenarioIds.entries()) {
    const after = createMarginEngine(moveMarketJointly(held, set, scenario, parameters), parameters).margin(pool);
    if (after.status === "not_margined") return after;
    const loss = equity - after.equity;
    losses.push({
      scenarioId,
      label: set.labels?.[scenario] ?? scenarioId,
      loss,
      lossBeyondMargin: Math.max(0, loss - initialMargin),
      equityAfter: after.equity,
    });
  }
  losses.sort((a, b) => b.loss - a.loss);
  return { status: "stressed", setId: set.setId, equity, initialMargin, losses, ...(incomplete && { incomplete }) };
}

/** Returns the snapshot with the pool's instruments only, as the others need no revaluation. */
function holdOnly(snapshot: MarketSnapshot, pool: Pool): MarketSnapshot {
  const ids = new Set(pool.positions.map(({ instrumentId }) => instrumentId));
  return {
    ...snapshot,
    instruments: snapshot.instruments.filter(({ instrument }) => ids.has(instrument.instrumentId)),
  };
}
