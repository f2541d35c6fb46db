import { daysToExpiry } from "../../arrays/index.ts";
import { isDatedOption } from "../../model/product-traits.ts";
import { DAYS_PER_YEAR, MS_PER_DAY } from "../../numbers/time.ts";
import { black76Greeks } from "../../pricing/index.ts";
import { buildScenarioSet } from "../../scenarios/index.ts";
import { varianceYears } from "../../settlement/index.ts";
import {
  cashPool,
  computePoolViewLosses,
  deltasByExpiry,
  type HeldInstrument,
  hedgedDelta,
  holdingDelta,
  type NamedAmount,
  netShortOptions,
  type PoolView,
  type PricedScenarios,
  prepareHoldings,
  priceScenarios,
} from "../common/holding.ts";
import { quoteCashDeltas } from "../common/stablecoins.ts";
import type { BybitParameters } from "./parameters.ts";

export type BybitComponentName =
  | "maximum_loss"
  | "short_option_contingency"
  | "vega_spread_contingency"
  | "delta_spread_contingency"
  | "gross_future_contingency"
  | "stablecoin_spread_contingency";

export interface BybitRequirement {
  readonly components: readonly NamedAmount<BybitComponentName>[];
  readonly maintenanceMargin: number;
  readonly initialMargin: number;
  readonly worstLabel: string | null;
}

/**
 * Returns the scenarios of one unit, for which no risk array has been priced yet. The pools of one
 * snapshot can share them.
 */
export function priceBybitScenarios(underlying: string, { scan }: BybitParameters, asOfMs: number): PricedScenarios {
  const own = { ...scan, underlying };
  return priceScenarios(buildScenarioSet(own), own, asOfMs);
}

/**
 * Computes the requirement in cash: maintenance = maximum loss + contingencies, initial = maintenance x factor (a
 * secondary page; docs/sources.md, Bybit portfolio margin). The time between hedging expiries is that between the
 * average time of longs and of shorts, weighted by their amounts; perpetuals stand at 0. The USDT-USDC spread is
 * charged on the delta hedged between contracts of the two. The page names this spread but not its formula, so the rate
 * on that amount is our reading.
 */
export function computeBybitRequirement(
  held: readonly HeldInstrument[],
  parameters: BybitParameters,
  indexPrice: number,
  asOfMs: number,
  priced: PricedScenarios = priceBybitScenarios(held[0]?.quoted.instrument.underlying ?? "*", parameters, asOfMs),
  pool: PoolView = cashPool,
): BybitRequirement {
  const holdings = prepareHoldings(held, asOfMs);
  const { set } = priced;
  const losses = computePoolViewLosses(holdings, priced, indexPrice, pool);
  let worst = -1;
  for (const [index, loss] of losses.entries()) if (loss > (worst < 0 ? 0 : losses[worst]!)) worst = index;
  const deltas = hedgeAcrossTime(deltasByDay(holdings, asOfMs));
  const vegas = hedgeAcrossTime(vegasByDay(holdings, asOfMs));
  const grossFutures = holdings
    .filter(({ quoted }) => !isDatedOption(quoted.instrument))
    .reduce((sum, holding) => sum + Math.abs(holdingDelta(holding, asOfMs)), 0);
  const components: NamedAmount<BybitComponentName>[] = [
    { name: "maximum_loss", amount: worst < 0 ? 0 : losses[worst]! },
    { name: "short_option_contingency", amount: netShortOptions(holdings) * parameters.shortOptionRate * indexPrice },
    { name: "vega_spread_contingency", amount: vegas.days * vegas.hedged * parameters.vegaSpreadRate },
    {
      name: "delta_spread_contingency",
      amount: (deltas.days / DAYS_PER_YEAR) * deltas.hedged * parameters.deltaSpreadRate * indexPrice,
    },
    { name: "gross_future_contingency", amount: grossFutures * parameters.grossFutureRate * indexPrice },
    {
      name: "stablecoin_spread_contingency",
      amount: stablecoinHedge(holdings, indexPrice, asOfMs) * parameters.stablecoinSpreadRate,
    },
  ];
  const maintenanceMargin = components.reduce((sum, { amount }) => sum + amount, 0);
  return {
    components,
    maintenanceMargin,
    initialMargin: maintenanceMargin * parameters.initialFactor,
    worstLabel: worst < 0 ? null : set.labels[worst]!,
  };
}

/** Returns the delta hedged between USDT contracts and USDC contracts, in US dollars. */
function stablecoinHedge(holdings: readonly HeldInstrument[], indexPrice: number, asOfMs: number): number {
  const { USDT, USDC } = quoteCashDeltas(holdings, indexPrice, asOfMs);
  return hedgedDelta([USDT, USDC]);
}

function deltasByDay(holdings: readonly HeldInstrument[], asOfMs: number): [number, number][] {
  return [...deltasByExpiry(holdings, asOfMs)].map(([expiryMs, delta]) => [
    expiryMs === 0 ? 0 : (expiryMs - asOfMs) / MS_PER_DAY,
    delta,
  ]);
}

/** Returns pairs of days to expiry and vega. The vega is in cash per volatility point. */
function vegasByDay(holdings: readonly HeldInstrument[], asOfMs: number): [number, number][] {
  const vegas = new Map<number, number>();
  for (const { quoted, quantity } of holdings) {
    const { instrument } = quoted;
    if (!isDatedOption(instrument)) continue;
    const days = daysToExpiry(instrument, asOfMs);
    const sign = instrument.optionType === "call" ? 1 : -1;
    const volatility = quoted.markVolatility ?? Number.NaN;
    const { vega } = black76Greeks(
      sign,
      quoted.forwardPrice,
      instrument.strike,
      varianceYears(quoted, asOfMs),
      volatility,
      1,
    );
    vegas.set(days, (vegas.get(days) ?? 0) + quantity * instrument.contractSize * vega * 0.01);
  }
  return [...vegas];
}

/**
 * Returns the amount that longs and shorts of all expiries hedge between them, and the days between their average
 * times. The input has pairs of days and signed amount.
 */
function hedgeAcrossTime(amounts: readonly (readonly [number, number])[]): { hedged: number; days: number } {
  const long = { amount: 0, days: 0 };
  const short = { amount: 0, days: 0 };
  for (const [days, amount] of amounts) {
    const side = amount > 0 ? long : short;
    side.amount += Math.abs(amount);
    side.days += Math.abs(amount) * days;
  }
  const hedged = Math.min(long.amount, short.amount);
  if (hedged === 0) return { hedged: 0, days: 0 };
  return { hedged, days: Math.abs(long.days / long.amount - short.days / short.amount) };
}
