import type { ScanParameters } from "../../model/index.ts";
import { isDatedOption } from "../../model/product-traits.ts";
import { exp } from "../../numbers/index.ts";
import { DAYS_PER_YEAR, MS_PER_DAY } from "../../numbers/time.ts";
import { buildScenarioSet, type ScenarioSet } from "../../scenarios/index.ts";
import {
  computeHoldingLosses,
  deltasByExpiry,
  type HeldInstrument,
  holdingDelta,
  type NamedAmount,
  type PricedScenarios,
  prepareHoldings,
  priceScenarios,
  type ValuedIn,
} from "../common/holding.ts";
import type { DeribitDeltaShock, DeribitPmeParameters } from "./parameters.ts";

/**
 * The profit of a pool's holdings in each cell (gain positive), in coin or cash. `standard` has three volatility
 * states for each price bucket, from the lowest price to the highest. `extended` has one cell per far move, with
 * volatility up only.
 */
export interface DeribitVectors {
  readonly standard: Float64Array;
  readonly extended: Float64Array;
}

/**
 * Returns the scenarios of a currency pair, for which no risk array has been priced yet. The pools of one
 * snapshot can share them.
 */
export function priceDeribitScenarios({ scan }: Pick<DeribitPmeParameters, "scan">, asOfMs: number): PricedScenarios {
  return priceScenarios(buildScenarioSet(scan), scan, asOfMs);
}

/**
 * Computes the profit vectors before gains are cut and extended profits are dampened. The API calls
 * them pre_aggregated.
 */
export function computeDeribitVectors(
  holdings: readonly HeldInstrument[],
  priced: PricedScenarios,
  indexPrice: number,
  valuedIn: ValuedIn,
): DeribitVectors {
  const profits = computeHoldingLosses(holdings, priced, indexPrice, valuedIn).map((loss) => 0 - loss);
  const { mainCount } = priced.set;
  return { standard: profits.slice(0, mainCount), extended: profits.slice(mainCount) };
}

/**
 * Returns the profits with each gain multiplied by `pnlOffset` and then limited to `cap`. Losses stay whole
 * (docs/sources.md, Deribit portfolio margin). That the cap applies to the gain after the cut, not before
 * it, is our reading.
 */
function offsetGains(profits: Float64Array, pnlOffset: number, cap: number): Float64Array {
  return profits.map((profit) => (profit > 0 ? Math.min(profit * pnlOffset, cap) : profit));
}

/**
 * Returns the profit of one extended cell, pulled towards zero by (|move| / range - 1) x dampener but never past
 * it (from two public re-implementations; docs/sources.md, Deribit portfolio margin). `dampener` is in the
 * currency of the profit.
 */
export function dampenExtendedProfit(profit: number, move: number, priceRange: number, dampener: number): number {
  const pull = (Math.max(Math.abs(move) / priceRange, 1) - 1) * dampener;
  return profit > 0 ? Math.max(0, profit - pull) : Math.min(0, profit + pull);
}

/**
 * Computes the roll shock in units of the deltas: the sum over expiries of |delta| x max(minimum, exp(annualised x
 * years) - 1). Expiries never offset each other, and the perpetual (key 0) pays the minimum. The minimum is checked,
 * and the exponential is from a re-implementation (docs/sources.md, Deribit portfolio margin).
 */
export function rollShock(
  deltas: ReadonlyMap<number, number>,
  asOfMs: number,
  moves: Pick<ScanParameters, "calendarMinimumMove" | "calendarAnnualisedMove">,
): number {
  let shock = 0;
  for (const [expiryMs, delta] of deltas) {
    const years = expiryMs === 0 ? 0 : (expiryMs - asOfMs) / MS_PER_DAY / DAYS_PER_YEAR;
    const grown = exp(moves.calendarAnnualisedMove * years) - 1;
    shock += Math.abs(delta) * Math.max(moves.calendarMinimumMove, grown);
  }
  return shock;
}

/**
 * Computes the delta shock in units of the underlying: |d| x min(slope x units of d above the threshold, maximum rate).
 * Here d is the delta of futures and short options. An opposite delta of long options reduces d, down to 0 at most, and
 * a delta on the same side does not add to it. The formula is from a public re-implementation, not from Deribit
 * (docs/sources.md, Deribit portfolio margin).
 */
export function deltaShock(
  futuresAndShortOptionsDelta: number,
  longOptionsDelta: number,
  indexPrice: number,
  { thresholdUsd, slopePerUnit, maximumRate }: DeribitDeltaShock,
): number {
  const side = Math.sign(futuresAndShortOptionsDelta);
  const relief = Math.max(0, -side * longOptionsDelta);
  const delta = Math.max(0, Math.abs(futuresAndShortOptionsDelta) - relief);
  const above = Math.max(0, delta * indexPrice - thresholdUsd) / indexPrice;
  return delta * Math.min(slopePerUnit * above, maximumRate);
}

export type DeribitComponentName = "worst_case" | "roll_shock" | "delta_shock";

/** The cell that set the worst case, named as in the API. */
export interface DeribitWorstCell {
  readonly source: "standard" | "extended";
  /** The number of the price bucket or of the extended move, counted from 1. */
  readonly bucket: number;
  /** The volatility state of a standard cell: up, none or down. It is `left` (up) in an extended cell. */
  readonly side: "left" | "middle" | "right";
  readonly profit: number;
}

export interface DeribitRequirement {
  readonly set: ScenarioSet;
  readonly preAggregated: DeribitVectors;
  readonly aggregated: DeribitVectors;
  /** The cell with the greatest loss. Null when no cell loses. */
  readonly worstCell: DeribitWorstCell | null;
  readonly components: readonly NamedAmount<DeribitComponentName>[];
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
}

const sides = ["left", "middle", "right"] as const;

/**
 * Computes the risk matrix margin of the holdings on one currency pair, in coin or cash: worst cell + roll shock +
 * delta shock. Maintenance margin is a share of it (docs/sources.md, Deribit portfolio margin). The correlation
 * contingency of cross portfolio margin is left out, because its formula is not published. Spot, open-order and
 * market-maker margins are left out too. Which volatility state the API calls left is not published; up is first here.
 * `balances` are scanned with the positions, and no other charge applies to them (see PoolView).
 */
export function computeDeribitRequirement(
  held: readonly HeldInstrument[],
  parameters: DeribitPmeParameters,
  indexPrice: number,
  asOfMs: number,
  valuedIn: ValuedIn,
  priced: PricedScenarios = priceDeribitScenarios(parameters, asOfMs),
  balances: readonly HeldInstrument[] = [],
): DeribitRequirement {
  const holdings = prepareHoldings(held, asOfMs);
  const { scan } = parameters;
  const { set } = priced;
  const preAggregated = computeDeribitVectors([...holdings, ...balances], priced, indexPrice, valuedIn);
  const perUsd = valuedIn === "coin" ? 1 / indexPrice : 1;
  const cap = parameters.maximumOffsettablePnlUsd * perUsd;
  const standard = offsetGains(preAggregated.standard, parameters.pnlOffset, cap);
  const extended = offsetGains(preAggregated.extended, parameters.pnlOffset, cap).map((profit, index) => {
    const move = set.priceMove[set.mainCount + index]!;
    const settled = valuedIn === "coin" ? 1 + set.settlementMove[set.mainCount + index]! : 1;
    return dampenExtendedProfit(profit, move, scan.priceScanRange, (scan.extendedDampenerUsd * perUsd) / settled);
  });
  const worstCell = findWorstCell({ standard, extended });
  const perUnit = valuedIn === "coin" ? 1 : indexPrice;
  const roll = rollShock(deltasByExpiry(holdings, asOfMs), asOfMs, scan) * perUnit;
  const shock = deltaShock(...splitDelta(holdings, asOfMs), indexPrice, parameters.deltaShock) * perUnit;
  const initialMargin = 0 - (worstCell?.profit ?? 0) + roll + shock;
  return {
    set,
    preAggregated,
    aggregated: { standard, extended },
    worstCell,
    components: [
      { name: "worst_case", amount: 0 - (worstCell?.profit ?? 0) },
      { name: "roll_shock", amount: roll },
      { name: "delta_shock", amount: shock },
    ],
    initialMargin,
    maintenanceMargin: parameters.maintenanceFactor * initialMargin,
  };
}

/** Returns two deltas in units of the underlying: that of futures and short options, and that of long options. */
function splitDelta(holdings: readonly HeldInstrument[], asOfMs: number): [number, number] {
  let shocked = 0;
  let relief = 0;
  for (const holding of holdings) {
    const isLongOption = isDatedOption(holding.quoted.instrument) && holding.quantity > 0;
    if (isLongOption) relief += holdingDelta(holding, asOfMs);
    else shocked += holdingDelta(holding, asOfMs);
  }
  return [shocked, relief];
}

/**
 * Returns the cell with the lowest profit of both tables, or null when no cell loses. On a tie it is the first one, and
 * the standard table comes first.
 */
function findWorstCell({ standard, extended }: DeribitVectors): DeribitWorstCell | null {
  let worst: DeribitWorstCell | null = null;
  for (const [index, profit] of standard.entries()) {
    if (profit >= (worst?.profit ?? 0)) continue;
    worst = { source: "standard", bucket: Math.floor(index / 3) + 1, side: sides[index % 3]!, profit };
  }
  for (const [index, profit] of extended.entries()) {
    if (profit < (worst?.profit ?? 0)) worst = { source: "extended", bucket: index + 1, side: "left", profit };
  }
  return worst;
}
