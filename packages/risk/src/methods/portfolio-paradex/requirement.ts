import { isDatedOption } from "../../model/product-traits.ts";
import { createScenarioSet, type Scenario } from "../../scenarios/index.ts";
import {
  cashPool,
  computePoolViewLosses,
  type HeldInstrument,
  hedgedDelta,
  holdingDelta,
  type NamedAmount,
  type NamedScenario,
  type PoolView,
  type PricedScenarios,
  prepareHoldings,
  priceScenarios,
} from "../common/holding.ts";
import { scanOnly } from "../common/presets.ts";
import type { ParadexMethodParameters, ParadexParameters, ParadexScenario } from "./parameters.ts";

/** Margin in US dollars for payments that fall due whatever the market does. */
export interface ParadexProvisions {
  /** The funding expected over the next 8 hours. It is positive if the pool pays, and a receipt counts as 0. */
  readonly funding: number;
  readonly fees: number;
}

export type ParadexComponentName = "scan_risk" | "minimum_delta_excess" | "funding_provision" | "fee_provision";

export interface ParadexRequirement {
  readonly scanRisk: number;
  /** The number of the worst scenario, counted from 1. It is the lowest on a tie, and null if no scenario loses. */
  readonly worstScenarioNumber: number | null;
  readonly worstScenario: NamedScenario | null;
  readonly netDelta: number;
  readonly hedgedDelta: number;
  readonly minimumDeltaRequirement: number;
  /** The greater of scan risk and minimum delta requirement. It is the initial margin before provisions. */
  readonly netPortfolioRequirement: number;
  /** The components, which add up to the initial margin. */
  readonly components: readonly NamedAmount<ParadexComponentName>[];
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
}

/** The scenarios that have the same volatility move, which share a scenario set. */
export interface ParadexGroup {
  readonly priced: PricedScenarios;
  /** The index in the table, the index in the set, and the weight of each scenario. */
  readonly members: readonly { readonly index: number; readonly setIndex: number; readonly weight: number }[];
}

/**
 * Cuts the table into groups by volatility move, so that any list of moves can be scanned. No instrument is priced yet.
 */
export function priceParadexScenarios(parameters: ParadexParameters, asOfMs: number): ParadexGroup[] {
  const groups = Map.groupBy(parameters.scenarios.entries(), ([, { volatilityMove }]) => volatilityMove);
  return [...groups].map(([volatilityMove, entries]) => {
    const state = volatilityMove > 0 ? 1 : volatilityMove < 0 ? -1 : 0;
    const moves = [...new Set(entries.map(([, { spotMove }]) => spotMove))];
    const unmoved = state === 0 && moves.includes(0) ? [] : [scenarioOf(0, 0)];
    const set = createScenarioSet("*", [...moves.map((move) => scenarioOf(move, state)), ...unmoved]);
    const scan = scanOnly(
      "*",
      { priceScanRange: 0.5, priceStepsPerSide: 1 },
      {
        volatilityUp: Math.max(0, volatilityMove),
        volatilityDown: Math.max(0, -volatilityMove),
        shortTermPower: parameters.shortTermPower,
        longTermPower: parameters.longTermPower,
        minimumDaysToExpiry: parameters.minimumDaysToExpiry,
        minimumVolatilityUp: 0,
      },
    );
    const members = entries.map(([index, { spotMove, weight }]) => ({
      index,
      setIndex: moves.indexOf(spotMove),
      weight,
    }));
    return { priced: priceScenarios(set, scan, asOfMs), members };
  });
}

/**
 * Returns the weighted loss of the holdings on one underlying in each scenario of the table, in cash. The balances of
 * `pool` are included.
 */
export function computeParadexLosses(
  holdings: readonly HeldInstrument[],
  groups: readonly ParadexGroup[],
  spotPrice: number,
  pool: PoolView = cashPool,
): Float64Array {
  const losses = new Float64Array(groups.reduce((sum, { members }) => sum + members.length, 0));
  for (const { priced, members } of groups) {
    const group = computePoolViewLosses(holdings, priced, spotPrice, pool);
    for (const { index, setIndex, weight } of members) losses[index] = weight * group[setIndex]!;
  }
  return losses;
}

/**
 * Returns the fee provision in cash: rate x index price for each unit of the underlying held. The provision of an
 * option is at most `optionFeeCapRate` of its mark.
 */
export function paradexFeeProvision(
  held: readonly HeldInstrument[],
  { feeProvisionRate, optionFeeCapRate }: Pick<ParadexMethodParameters, "feeProvisionRate" | "optionFeeCapRate">,
  spotPrice: number,
): number {
  let fees = 0;
  for (const { quoted, quantity } of held) {
    const { instrument, markPrice } = quoted;
    const isInverse = instrument.settlement === "inverse";
    const contracts = Math.abs(quantity) * instrument.contractSize;
    const fee = feeProvisionRate * spotPrice;
    if (isDatedOption(instrument)) {
      fees += contracts * Math.min(fee, optionFeeCapRate * markPrice * (isInverse ? spotPrice : 1));
    } else {
      fees += isInverse ? contracts * feeProvisionRate : contracts * fee;
    }
  }
  return fees;
}

function scenarioOf(priceMove: number, volatilityState: 1 | 0 | -1): Scenario {
  return { priceMove, volatilityState, extended: false, weight: 1, settlementMove: priceMove };
}

/**
 * Computes the portfolio margin of the holdings on one underlying, in cash (docs/sources.md, Paradex portfolio margin).
 * Initial margin is the greater of the worst weighted loss and the minimum on delta, plus provisions. Maintenance
 * margin takes `maintenanceFactor` of that greater amount (half at Paradex), plus the same provisions. Hedged delta is
 * the lesser of long and short deltas by position. The published page does not define it.
 */
export function computeParadexRequirement(
  held: readonly HeldInstrument[],
  parameters: ParadexParameters,
  spotPrice: number,
  asOfMs: number,
  provisions: ParadexProvisions = { funding: 0, fees: 0 },
  groups: readonly ParadexGroup[] = priceParadexScenarios(parameters, asOfMs),
  pool: PoolView = cashPool,
): ParadexRequirement {
  const holdings = prepareHoldings(held, asOfMs);
  const losses = computeParadexLosses(holdings, groups, spotPrice, pool);
  let worst = -1;
  for (const [index, loss] of losses.entries()) if (loss > (worst < 0 ? 0 : losses[worst]!)) worst = index;
  const scanRisk = worst < 0 ? 0 : losses[worst]!;
  const deltas = holdings.map((holding) => holdingDelta(holding, asOfMs));
  const netDelta = deltas.reduce((sum, delta) => sum + delta, 0);
  const hedged = hedgedDelta(deltas);
  const minimum = (parameters.netDeltaRate * Math.abs(netDelta) + parameters.hedgedDeltaRate * hedged) * spotPrice;
  const required = Math.max(scanRisk, minimum);
  const funding = Math.max(0, provisions.funding);
  return {
    scanRisk,
    worstScenarioNumber: worst < 0 ? null : worst + 1,
    worstScenario: worst < 0 ? null : { ...describe(parameters.scenarios[worst]!, worst + 1), loss: scanRisk },
    netDelta,
    hedgedDelta: hedged,
    minimumDeltaRequirement: minimum,
    netPortfolioRequirement: required,
    components: [
      { name: "scan_risk", amount: scanRisk },
      { name: "minimum_delta_excess", amount: required - scanRisk },
      { name: "funding_provision", amount: funding },
      { name: "fee_provision", amount: provisions.fees },
    ],
    initialMargin: required + funding + provisions.fees,
    maintenanceMargin: parameters.maintenanceFactor * required + funding + provisions.fees,
  };
}

function describe({ spotMove, volatilityMove }: ParadexScenario, number: number) {
  const percent = (fraction: number) => `${fraction < 0 ? "−" : "+"}${Number(Math.abs(fraction * 100).toFixed(2))} %`;
  return { scenarioId: `paradex-${number}`, label: `spot ${percent(spotMove)}, vol ${percent(volatilityMove)}` };
}
