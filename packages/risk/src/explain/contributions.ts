import type { MarginEngine } from "../engine/index.ts";
import type { Account, MarginedAccount, MarketSnapshot } from "../model/index.ts";
import { blendInWindows } from "../settlement/index.ts";
import { closeShare } from "./close-position.ts";

/** What one holding adds to the figures of an account, pool currency. */
export interface HoldingContribution {
  /** The instrument, or the asset of a balance. */
  readonly id: string;
  readonly kind: "position" | "balance";
  /** Null for a balance, which may stand in any unit, and for an instrument that the snapshot lacks. */
  readonly underlying: string | null;
  /** Net contracts, or units of the asset. */
  readonly quantity: number;
  /**
   * Its part of the losses in the worst scenarios of the units, loss positive: what the losses there are less without it.
   * Null when the method names no scenario of the grid.
   */
  readonly scenarioLoss: number | null;
  /** What the requirement is less once it is gone: a position closed at its mark, a balance withdrawn. Below 0: it offsets. */
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
}

/** Where the requirement of an account comes from. */
export interface HoldingContributions {
  /** By holding, the greatest part of the scenario loss first, then the greatest part of initial margin. */
  readonly holdings: readonly HoldingContribution[];
  /** Losses in the worst scenarios of all units, and what of it no single holding explains (dampened extended losses). */
  readonly scenarioLoss: number | null;
  readonly unexplainedLoss: number | null;
}

/**
 * Incremental contributions of each position and balance. On the main grid losses are linear in what is held, so the parts
 * add up to the whole but for rounding; requirements are not linear, so the parts of the margins need not.
 */
export function contributionsOf(
  engine: MarginEngine,
  snapshot: MarketSnapshot,
  account: Account,
  result: MarginedAccount,
): HoldingContributions {
  const scenarios = worstScenarios(engine, account, result);
  const total = scenarios === null ? null : lossIn(engine, account, scenarios);
  const marginOf = (changed: Account) => {
    const margin = engine.margin(changed);
    return margin.status === "margined" ? margin : null;
  };
  const part = (without: Account, held: Account) => {
    const reduced = marginOf(without);
    return {
      scenarioLoss: total === null || scenarios === null ? null : total - lossIn(engine, held, scenarios),
      initialMargin: reduced === null ? 0 : result.initialMargin - reduced.initialMargin,
      maintenanceMargin: reduced === null ? 0 : result.maintenanceMargin - reduced.maintenanceMargin,
    };
  };
  const faulty = faultyInstruments(account, result);
  const { instruments } = blendInWindows(snapshot);
  const positions = netQuantities(account).map(([id, quantity]): HoldingContribution => {
    const quoted = instruments.find(({ instrument }) => instrument.instrumentId === id);
    const bare = { ...account, positions: account.positions.filter(({ instrumentId }) => instrumentId !== id) };
    const underlying = quoted?.instrument.underlying ?? null;
    // What cannot be priced cannot be closed at its mark either.
    const without = quoted === undefined || faulty.has(id) ? bare : closeShare(account, quoted, 1);
    return { id, kind: "position", underlying, quantity, ...part(without, bare) };
  });
  const assets = [...new Set(account.collateral.map(({ asset }) => asset))];
  const balances = assets.map((id): HoldingContribution => {
    const bare = { ...account, collateral: account.collateral.filter(({ asset }) => asset !== id) };
    const quantity = account.collateral.reduce((sum, { asset, amount }) => (asset === id ? sum + amount : sum), 0);
    return { id, kind: "balance", underlying: null, quantity, ...part(bare, bare) };
  });
  const holdings = [...positions, ...balances].sort(
    (a, b) =>
      (b.scenarioLoss ?? 0) - (a.scenarioLoss ?? 0) || b.initialMargin - a.initialMargin || (a.id < b.id ? -1 : 1),
  );
  const explained = holdings.reduce((sum, { scenarioLoss }) => sum + (scenarioLoss ?? 0), 0);
  return { holdings, scenarioLoss: total, unexplainedLoss: total === null ? null : total - explained };
}

/** Instruments of positions that could not be margined in full. */
export function faultyInstruments({ positions }: Account, { incomplete = [] }: MarginedAccount): ReadonlySet<string> {
  const indexes = incomplete.map(({ field }) => Number(/^positions\[(\d+)\]/.exec(field)?.[1]));
  return new Set(indexes.flatMap((index) => positions[index]?.instrumentId ?? []));
}

/** The worst scenario by underlying; null when a unit's is not one of its grid. */
function worstScenarios(
  engine: MarginEngine,
  account: Account,
  { units }: MarginedAccount,
): Map<string, number> | null {
  const worst = new Map<string, number>();
  for (const { underlying, set } of engine.scenarioLosses(account)) {
    const scenario = units.find((unit) => unit.underlying === underlying)?.worstScenario;
    if (scenario === null || scenario === undefined) continue;
    const index = set.ids.indexOf(scenario.scenarioId);
    if (index < 0) return null;
    worst.set(underlying, index);
  }
  return worst.size === 0 ? null : worst;
}

function lossIn(engine: MarginEngine, account: Account, scenarios: ReadonlyMap<string, number>): number {
  let loss = 0;
  for (const { underlying, losses } of engine.scenarioLosses(account)) {
    const index = scenarios.get(underlying);
    if (index !== undefined) loss += losses[index]!;
  }
  return loss;
}

/** By instrument; a position of 0 contracts may still hold the profit of fills that offset each other. */
function netQuantities({ positions }: Account): [string, number][] {
  const net = new Map<string, number>();
  for (const { instrumentId, quantity } of positions) net.set(instrumentId, (net.get(instrumentId) ?? 0) + quantity);
  return [...net].sort(([a], [b]) => (a < b ? -1 : 1));
}
