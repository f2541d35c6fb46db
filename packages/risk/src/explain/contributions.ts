import type { MarginEngine } from "../engine/index.ts";
import type { MarginedPool, MarketSnapshot, Pool } from "../model/index.ts";
import { blendInWindows } from "../settlement/index.ts";
import { closeShare } from "./close-position.ts";

/** The contribution of one holding to the figures of a pool, in pool currency. */
export interface HoldingContribution {
  /** The id of the instrument, or the asset of a balance. */
  readonly id: string;
  readonly kind: "position" | "balance";
  /**
   * The underlying of a position. It is null for a balance, which may count in any unit, and for an instrument that the
   * snapshot lacks.
   */
  readonly underlying: string | null;
  /** Net contracts of a position, or units of the asset. */
  readonly quantity: number;
  /**
   * How much lower the losses in the worst scenarios of the units are without the holding. A loss is positive. It is
   * null if the method names no scenario of the grid.
   */
  readonly scenarioLoss: number | null;
  /**
   * How much lower the requirement is once the position is closed at its mark, or the balance withdrawn. It is negative
   * if the holding offsets others.
   */
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
}

/** The contributions of a pool's holdings to its requirement. */
export interface HoldingContributions {
  /** The holdings, sorted by their part of the scenario loss, greatest first, then by their part of initial margin. */
  readonly holdings: readonly HoldingContribution[];
  /**
   * `scenarioLoss` is the sum of the losses in the worst scenarios of all units. `unexplainedLoss` is the part of it
   * that no single holding explains (dampened extended losses). Both are null if the method names no scenario of the
   * grid.
   */
  readonly scenarioLoss: number | null;
  readonly unexplainedLoss: number | null;
}

/**
 * Computes the incremental contribution of each position and balance. On the main grid losses are linear in the
 * holdings, so their parts add up to the whole except for rounding. Requirements are not linear, so the parts of the
 * margins need not add up.
 */
export function contributionsOf(
  engine: MarginEngine,
  snapshot: MarketSnapshot,
  pool: Pool,
  result: MarginedPool,
): HoldingContributions {
  const scenarios = worstScenarios(engine, pool, result);
  const total = scenarios === null ? null : lossIn(engine, pool, scenarios);
  const marginOf = (changed: Pool) => {
    const margin = engine.margin(changed);
    return margin.status === "margined" ? margin : null;
  };
  const part = (without: Pool, held: Pool) => {
    const reduced = marginOf(without);
    return {
      scenarioLoss: total === null || scenarios === null ? null : total - lossIn(engine, held, scenarios),
      initialMargin: reduced === null ? 0 : result.initialMargin - reduced.initialMargin,
      maintenanceMargin: reduced === null ? 0 : result.maintenanceMargin - reduced.maintenanceMargin,
    };
  };
  const faulty = faultyInstruments(pool, result);
  const { instruments } = blendInWindows(snapshot);
  const positions = netQuantities(pool).map(([id, quantity]): HoldingContribution => {
    const quoted = instruments.find(({ instrument }) => instrument.instrumentId === id);
    const bare = { ...pool, positions: pool.positions.filter(({ instrumentId }) => instrumentId !== id) };
    const underlying = quoted?.instrument.underlying ?? null;
    // A position that cannot be priced cannot be closed at its mark, so it is removed.
    const without = quoted === undefined || faulty.has(id) ? bare : closeShare(pool, quoted, 1);
    return { id, kind: "position", underlying, quantity, ...part(without, bare) };
  });
  const assets = [...new Set(pool.collateral.map(({ asset }) => asset))];
  const balances = assets.map((id): HoldingContribution => {
    const bare = { ...pool, collateral: pool.collateral.filter(({ asset }) => asset !== id) };
    const quantity = pool.collateral.reduce((sum, { asset, amount }) => (asset === id ? sum + amount : sum), 0);
    return { id, kind: "balance", underlying: null, quantity, ...part(bare, bare) };
  });
  const holdings = [...positions, ...balances].sort(
    (a, b) =>
      (b.scenarioLoss ?? 0) - (a.scenarioLoss ?? 0) || b.initialMargin - a.initialMargin || (a.id < b.id ? -1 : 1),
  );
  const explained = holdings.reduce((sum, { scenarioLoss }) => sum + (scenarioLoss ?? 0), 0);
  return { holdings, scenarioLoss: total, unexplainedLoss: total === null ? null : total - explained };
}

/** Lists the instruments of positions that could not be margined in full. */
export function faultyInstruments({ positions }: Pool, { incomplete = [] }: MarginedPool): ReadonlySet<string> {
  const indexes = incomplete.map(({ field }) => Number(/^positions\[(\d+)\]/.exec(field)?.[1]));
  return new Set(indexes.flatMap((index) => positions[index]?.instrumentId ?? []));
}

/**
 * Returns the index of the worst scenario per underlying. It is null if there is none, or if the worst scenario of a
 * unit is not part of its grid.
 */
function worstScenarios(engine: MarginEngine, pool: Pool, { units }: MarginedPool): Map<string, number> | null {
  const worst = new Map<string, number>();
  for (const { underlying, set } of engine.scenarioLosses(pool)) {
    const scenario = units.find((unit) => unit.underlying === underlying)?.worstScenario;
    if (scenario === null || scenario === undefined) continue;
    const index = set.ids.indexOf(scenario.scenarioId);
    if (index < 0) return null;
    worst.set(underlying, index);
  }
  return worst.size === 0 ? null : worst;
}

function lossIn(engine: MarginEngine, pool: Pool, scenarios: ReadonlyMap<string, number>): number {
  let loss = 0;
  for (const { underlying, losses } of engine.scenarioLosses(pool)) {
    const index = scenarios.get(underlying);
    if (index !== undefined) loss += losses[index]!;
  }
  return loss;
}

/**
 * Adds up the contracts per instrument, sorted by id. A net position of 0 may still hold the profit of fills that
 * offset each other.
 */
function netQuantities({ positions }: Pool): [string, number][] {
  const net = new Map<string, number>();
  for (const { instrumentId, quantity } of positions) net.set(instrumentId, (net.get(instrumentId) ?? 0) + quantity);
  return [...net].sort(([a], [b]) => (a < b ? -1 : 1));
}
