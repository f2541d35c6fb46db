import { createMarginEngine } from "../engine/index.ts";
import type { Account, IncompleteReason, MarketSnapshot, NotMarginedAccount, ParameterSet } from "../model/index.ts";
import type { JointScenarioSet } from "../scenarios/index.ts";
import { moveMarketJointly } from "./move-market.ts";

/** What one named stress would cost an account. */
export interface StressLoss {
  readonly scenarioId: string;
  readonly label: string;
  /** Equity now less equity then, pool currency: a loss is positive. */
  readonly loss: number;
  /** The part of the loss that initial margin does not cover, from 0 on. */
  readonly lossBeyondMargin: number;
  /** Equity then; negative is owed. */
  readonly equityAfter: number;
}

export interface StressResult {
  readonly status: "stressed";
  readonly setId: string;
  /** Pool currency, before any stress. */
  readonly equity: number;
  readonly initialMargin: number;
  /** Worst first; of equal losses in the order of the set. */
  readonly losses: readonly StressLoss[];
  /** What could not be margined in full, before any stress; absent when there is nothing. */
  readonly incomplete?: readonly IncompleteReason[];
}

/**
 * Revalues an account in full in each scenario of a set, all at once and without time passing. Equity counts collateral
 * before haircuts, at the moved prices, in the pool's currency at its moved price. A refusal when the account cannot be margined.
 */
export function stressAccount(
  account: Account,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  set: JointScenarioSet,
): StressResult | NotMarginedAccount {
  const held = holdOnly(snapshot, account);
  // On the whole snapshot, so that a refusal can name what it has instead.
  const before = createMarginEngine(snapshot, parameters).margin(account);
  if (before.status === "not_margined") return before;
  const { equity, initialMargin, incomplete } = before;
  const losses: StressLoss[] = [];
  for (const [scenario, scenarioId] of set.scenarioIds.entries()) {
    const after = createMarginEngine(moveMarketJointly(held, set, scenario, parameters), parameters).margin(account);
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

/** The snapshot with the account's instruments only: the others need no revaluation. */
function holdOnly(snapshot: MarketSnapshot, account: Account): MarketSnapshot {
  const ids = new Set(account.positions.map(({ instrumentId }) => instrumentId));
  return {
    ...snapshot,
    instruments: snapshot.instruments.filter(({ instrument }) => ids.has(instrument.instrumentId)),
  };
}
