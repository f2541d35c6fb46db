import type { ScanParameters } from "../../model/index.ts";
import { isDatedOption } from "../../model/product-traits.ts";
import { exp } from "../../numbers/index.ts";
import { DAYS_PER_YEAR, MS_PER_DAY } from "../../numbers/time.ts";
import { buildScenarioSet, type ScenarioSet } from "../../scenarios/index.ts";
import {
  computeHoldingLosses,
  deltasByExpiry,
  type Holding,
  holdingDelta,
  type NamedAmount,
  type PricedScenarios,
  prepareHoldings,
  priceScenarios,
  type ValuedIn,
} from "../common/holding.ts";
import { tenorPowers } from "../common/volatility-scan.ts";
import type { DeribitDeltaShock, DeribitPmeParameters } from "./parameters.ts";

const scan2024: ScanParameters = {
  underlying: "BTC",
  priceScanRange: 0.16,
  priceStepsPerSide: 4,
  volatilityUp: 0.5,
  volatilityDown: 0.25,
  ...tenorPowers,
  // No floor of the days to expiry is published; a quarter of an hour keeps the power finite.
  minimumDaysToExpiry: 0.01,
  minimumVolatilityUp: 0.5,
  extendedMoves: [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5],
  extendedFactor: 1,
  extendedDampenerUsd: 100_000,
  calendarMinimumMove: 0.01,
  calendarAnnualisedMove: 0.075,
  basisRate: 0,
  shortOptionRate: 0,
  staticInitialRate: 0,
  staticMaintenanceRate: 0,
};

/** BTC as in the API's published example (2024). */
export const deribitPmeBtc: DeribitPmeParameters = {
  label: "after Deribit's published rules of portfolio margin (BTC, 2024); not the venue's own number",
  scan: scan2024,
  pnlOffset: 0,
  maximumOffsettablePnlUsd: 0,
  deltaShock: { thresholdUsd: 20_000_000, slopePerUnit: 0.00005, maximumRate: 0.1 },
  maintenanceFactor: 0.8,
};

/** ETH as in a live sample of February 2026. */
export const deribitPmeEth: DeribitPmeParameters = {
  label: "after Deribit's published rules of portfolio margin (ETH, 2026); not the venue's own number",
  scan: {
    ...scan2024,
    underlying: "ETH",
    priceScanRange: 0.18,
    volatilityUp: 0.4,
    extendedDampenerUsd: 200_000,
    calendarMinimumMove: 0.005,
    calendarAnnualisedMove: 0.05,
  },
  pnlOffset: 0.6,
  maximumOffsettablePnlUsd: 20_000_000,
  deltaShock: { thresholdUsd: 20_000_000, slopePerUnit: 0.000004, maximumRate: 0.1 },
  maintenanceFactor: 0.8,
};

/**
 * Profit vectors of a book (gain positive), in coin or cash. `standard` has the cells of the price buckets from lowest to
 * highest, three volatility states each; `extended` the far moves, volatility up only.
 */
export interface DeribitVectors {
  readonly standard: Float64Array;
  readonly extended: Float64Array;
}

/** The scenarios of a currency pair with nothing priced yet, to be shared by the accounts of one snapshot. */
export function priceDeribitScenarios({ scan }: Pick<DeribitPmeParameters, "scan">, asOfMs: number): PricedScenarios {
  return priceScenarios(buildScenarioSet(scan), scan, asOfMs);
}

/** Vectors before gains are cut and the extended ones dampened (the API's pre_aggregated ones). */
export function computeDeribitVectors(
  holdings: readonly Holding[],
  priced: PricedScenarios,
  indexPrice: number,
  valuedIn: ValuedIn,
): DeribitVectors {
  const profits = computeHoldingLosses(holdings, priced, indexPrice, valuedIn).map((loss) => 0 - loss);
  const { mainCount } = priced.set;
  return { standard: profits.slice(0, mainCount), extended: profits.slice(mainCount) };
}

/**
 * Gains cut to `pnlOffset` of themselves and at most `cap`; losses stay whole
 * (docs/sources.md, Deribit portfolio margin). That the cap holds for what is left of a gain rather than for the gain
 * before the cut is our reading.
 */
function offsetGains(profits: Float64Array, pnlOffset: number, cap: number): Float64Array {
  return profits.map((profit) => (profit > 0 ? Math.min(profit * pnlOffset, cap) : profit));
}

/**
 * One extended cell pulled towards zero by (|move| / range - 1) x dampener, never past it (from two public
 * re-implementations; docs/sources.md, Deribit portfolio margin). `dampener` is in the currency of the profit.
 */
export function dampenExtendedProfit(profit: number, move: number, priceRange: number, dampener: number): number {
  const pull = (Math.max(Math.abs(move) / priceRange, 1) - 1) * dampener;
  return profit > 0 ? Math.max(0, profit - pull) : Math.min(0, profit + pull);
}

/**
 * Roll shock: |delta| of each expiry x max(minimum, exp(annualised x years) - 1), expiries never offsetting each other;
 * the perpetual (key 0) pays the minimum (the minimum checked, the exponential from a re-implementation;
 * docs/sources.md, Deribit portfolio margin). Units of the deltas.
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
 * Delta shock: |d| x min(slope x units of d above the threshold, maximum rate), where d is the delta of futures and
 * short options, reduced by the delta of long options but neither added to nor turned by it (from a public
 * re-implementation, not from Deribit; docs/sources.md, Deribit portfolio margin). Units of the underlying.
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

/** The cell that set the worst case, named as the API does. */
export interface DeribitWorstCell {
  readonly source: "standard" | "extended";
  /** From 1 on: price bucket, or extended move. */
  readonly bucket: number;
  /** Volatility state of a standard cell: up, none, down. */
  readonly side: "left" | "middle" | "right";
  readonly profit: number;
}

export interface DeribitRequirement {
  readonly set: ScenarioSet;
  readonly preAggregated: DeribitVectors;
  readonly aggregated: DeribitVectors;
  /** Null when no cell loses. */
  readonly worstCell: DeribitWorstCell | null;
  readonly components: readonly NamedAmount<DeribitComponentName>[];
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
}

const sides = ["left", "middle", "right"] as const;

/**
 * Risk matrix margin of the holdings on one currency pair, in coin or cash: worst cell + roll shock + delta shock;
 * maintenance is a share of it (docs/sources.md, Deribit portfolio margin). Left out: the correlation contingency of
 * cross portfolio margin, whose formula is not published, and spot, open-order and market-maker margins. Which
 * volatility state the API calls left is not published; up is first here. `balances` are scanned with the positions and
 * charged with nothing else (see PoolView).
 */
export function computeDeribitRequirement(
  held: readonly Holding[],
  parameters: DeribitPmeParameters,
  indexPrice: number,
  asOfMs: number,
  valuedIn: ValuedIn,
  priced: PricedScenarios = priceDeribitScenarios(parameters, asOfMs),
  balances: readonly Holding[] = [],
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

/** Delta of futures and short options, and of long options. */
function splitDelta(holdings: readonly Holding[], asOfMs: number): [number, number] {
  let shocked = 0;
  let relief = 0;
  for (const holding of holdings) {
    const isLongOption = isDatedOption(holding.quoted.instrument) && holding.quantity > 0;
    if (isLongOption) relief += holdingDelta(holding, asOfMs);
    else shocked += holdingDelta(holding, asOfMs);
  }
  return [shocked, relief];
}

/** Lowest cell of both tables, the first on a tie, the standard table first. */
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
