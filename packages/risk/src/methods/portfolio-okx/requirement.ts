import { daysToExpiry } from "../../arrays/index.ts";
import { isDatedOption } from "../../model/product-traits.ts";
import { pow } from "../../numbers/index.ts";
import { DAYS_PER_YEAR, MS_PER_DAY } from "../../numbers/time.ts";
import { black76Greeks } from "../../pricing/index.ts";
import { createScenarioSet, type Scenario, type ScenarioSet } from "../../scenarios/index.ts";
import { varianceYears } from "../../settlement/index.ts";
import {
  cashPool,
  computePoolViewLosses,
  deltasByExpiry,
  type Holding,
  hedgedDelta,
  holdingDelta,
  type NamedAmount,
  noRevaluation,
  type PoolView,
  type PricedScenarios,
  prepareHoldings,
  priceScenarios,
  revaluedOption,
} from "../common/holding.ts";
import { scanOnly, tenorPowers } from "../common/volatility-scan.ts";
import type { OkxMinimumChargeTier, OkxParameters } from "./parameters.ts";

/** Spot and volatility shocks, then the two extreme moves with volatility unmoved. */
function buildOkxScenarioSet(underlying: string, parameters: OkxParameters): ScenarioSet {
  const scenarios: Scenario[] = [];
  const add = (priceMove: number, volatilityState: 1 | 0 | -1, weight: number) =>
    scenarios.push({ priceMove, volatilityState, extended: false, weight, settlementMove: priceMove });
  const moves = [...parameters.spotMoves.map((move) => -move).reverse(), 0, ...parameters.spotMoves];
  for (const move of moves) for (const state of [1, 0, -1] as const) add(move, state, 1);
  for (const move of [-parameters.extremeMove, parameters.extremeMove]) add(move, 0, parameters.extremeLossShare);
  return createScenarioSet(underlying, scenarios);
}

/** The scenarios of one risk unit with nothing priced yet, to be shared by the accounts of one snapshot. */
export function priceOkxScenarios(underlying: string, parameters: OkxParameters, asOfMs: number): PricedScenarios {
  const { volatilityUp, volatilityDown, spotMoves } = parameters;
  const scan = scanOnly(
    underlying,
    { priceScanRange: spotMoves[spotMoves.length - 1] ?? 0, priceStepsPerSide: spotMoves.length },
    { volatilityUp, volatilityDown, ...tenorPowers, minimumDaysToExpiry: 1, minimumVolatilityUp: 0 },
  );
  return priceScenarios(buildOkxScenarioSet(underlying, parameters), scan, asOfMs);
}

/** MR1: worst loss over spot and volatility shocks; MR6: counted loss of the extreme moves. Cash, at least 0. */
function okxSpotShocks(
  holdings: readonly Holding[],
  priced: PricedScenarios,
  indexPrice: number,
  pool: PoolView,
): { readonly mr1: number; readonly mr6: number; readonly worstLabel: string | null } {
  const { set } = priced;
  const losses = computePoolViewLosses(holdings, priced, indexPrice, pool);
  const shockCount = set.scenarioCount - 2;
  let worst = -1;
  for (let s = 0; s < shockCount; s += 1) if (losses[s]! > (worst < 0 ? 0 : losses[worst]!)) worst = s;
  return {
    mr1: worst < 0 ? 0 : losses[worst]!,
    mr6: Math.max(0, losses[shockCount]!, losses[shockCount + 1]!),
    worstLabel: worst < 0 ? null : set.labels[worst]!,
  };
}

/** MR2: what the options lose when time passes and nothing else happens. Cash, at least 0. */
function okxThetaDecay(holdings: readonly Holding[], thetaDays: number, asOfMs: number): number {
  let loss = 0;
  for (const holding of holdings) {
    if (!isDatedOption(holding.quoted.instrument)) continue;
    const later = revaluedOption(holding, { ...noRevaluation, elapsedDays: thetaDays }, asOfMs);
    loss += revaluedOption(holding, noRevaluation, asOfMs) - later;
  }
  return Math.max(0, loss);
}

/**
 * MR3: vega that one expiry hedges for another, each weighted by (30 / days)^0.3 (0.13 from 30 days on), times the points by
 * which they can move apart. OKX publishes the name, not the formula: this is our reading, for MR1 already moves all
 * volatilities together.
 */
function okxVegaTermStructure(holdings: readonly Holding[], vegaTermPoints: number, asOfMs: number): number {
  const vegas = new Map<number, number>();
  for (const { quoted, quantity } of holdings) {
    const { instrument } = quoted;
    if (!isDatedOption(instrument)) continue;
    const days = daysToExpiry(instrument, asOfMs);
    const sign = instrument.optionType === "call" ? 1 : -1;
    const volatility = quoted.markVolatility ?? Number.NaN;
    const years = varianceYears(quoted, asOfMs);
    const { vega } = black76Greeks(sign, quoted.forwardPrice, instrument.strike, years, volatility, 1);
    const weight = pow(30 / Math.max(1, days), days < 30 ? tenorPowers.shortTermPower : tenorPowers.longTermPower);
    const held = vegas.get(instrument.expiryMs) ?? 0;
    vegas.set(instrument.expiryMs, held + quantity * instrument.contractSize * vega * weight);
  }
  return hedgedDelta(vegas.values()) * vegaTermPoints * 0.01;
}

/**
 * MR4: |delta| of each expiry x index x annualised move x years. OKX publishes the annualised moves; that expiries do not
 * offset each other is the cautious reading.
 */
function okxBasis(
  holdings: readonly Holding[],
  basisAnnualisedMove: number,
  indexPrice: number,
  asOfMs: number,
): number {
  let charge = 0;
  for (const [expiryMs, delta] of deltasByExpiry(holdings, asOfMs)) {
    if (expiryMs === 0) continue;
    const years = (expiryMs - asOfMs) / MS_PER_DAY / DAYS_PER_YEAR;
    charge += Math.abs(delta) * indexPrice * basisAnnualisedMove * years;
  }
  return charge;
}

/** MR5: what the options lose when the discount rate shifts up or down, the forwards unmoved. Cash, at least 0. */
function okxInterestRate(holdings: readonly Holding[], rateShift: number, asOfMs: number): number {
  const options = holdings.filter(({ quoted }) => isDatedOption(quoted.instrument));
  const valueAt = (rate: number) =>
    options.reduce((sum, holding) => sum + revaluedOption(holding, { ...noRevaluation, rate }, asOfMs), 0);
  const now = valueAt(0);
  return Math.max(0, now - valueAt(rateShift), now - valueAt(-rateShift));
}

/** MR7: cost of unwinding (fees and slippage on futures delta and option contracts), multiplied by the tiers it runs through. */
function okxMinimumCharge(
  holdings: readonly Holding[],
  parameters: Pick<OkxParameters, "unwindFutureRate" | "unwindOptionRate" | "minimumChargeTiers">,
  indexPrice: number,
  asOfMs: number,
): number {
  let raw = 0;
  for (const holding of holdings) {
    const isOption = isDatedOption(holding.quoted.instrument);
    const units = isOption
      ? Math.abs(holding.quantity) * holding.quoted.instrument.contractSize
      : Math.abs(holdingDelta(holding, asOfMs));
    raw += units * indexPrice * (isOption ? parameters.unwindOptionRate : parameters.unwindFutureRate);
  }
  return okxSizeMultiplied(raw, parameters.minimumChargeTiers);
}

/**
 * Raw charge with each slice multiplied by its own tier: OKX's note on the scaling factor multiplies the incremental
 * amount only (10,000 + 20,000 x 2 = 50,000 for 30,000; docs/sources.md, OKX portfolio margin).
 */
export function okxSizeMultiplied(rawUsd: number, tiers: readonly OkxMinimumChargeTier[]): number {
  let charge = 0;
  let from = 0;
  for (const { upToUsd, multiplier } of tiers) {
    const until = Math.min(rawUsd, upToUsd ?? rawUsd);
    charge += Math.max(0, until - from) * multiplier;
    from = Math.max(from, until);
  }
  if (rawUsd > from) throw new RangeError(`OKX minimum charge: no tier for ${rawUsd} US dollars; end with null`);
  return charge;
}

export type OkxModuleName = "mr1" | "mr2" | "mr3" | "mr4" | "mr5" | "mr6" | "mr7" | "mr9";

export interface OkxRequirement {
  /** Every module, whether it set the requirement or not. */
  readonly modules: readonly NamedAmount<OkxModuleName>[];
  /** max(max(MR1, MR2, MR6) + MR3 + MR4 + MR5 + MR9, MR7). */
  readonly maintenanceMargin: number;
  readonly initialMargin: number;
  readonly worstLabel: string | null;
}

/**
 * The shape of the derivatives requirement of one risk unit (docs/sources.md, OKX portfolio margin); the place of MR9
 * in it is not certain.
 */
export function combineOkxModules(modules: Readonly<Record<OkxModuleName, number>>): number {
  const core = Math.max(modules.mr1, modules.mr2, modules.mr6);
  return Math.max(core + modules.mr3 + modules.mr4 + modules.mr5 + modules.mr9, modules.mr7);
}

/**
 * Derivatives requirement of one risk unit, cash (docs/sources.md, OKX portfolio margin). Initial margin is 1.3 times
 * maintenance. MR8 (borrowing) is per account. `depegUsd` is the unit's MR9.
 */
export function computeOkxRequirement(
  held: readonly Holding[],
  parameters: OkxParameters,
  indexPrice: number,
  asOfMs: number,
  depegUsd = 0,
  priced: PricedScenarios = priceOkxScenarios(held[0]?.quoted.instrument.underlying ?? "*", parameters, asOfMs),
  pool: PoolView = cashPool,
): OkxRequirement {
  const holdings = prepareHoldings(held, asOfMs);
  const { mr1, mr6, worstLabel } = okxSpotShocks(holdings, priced, indexPrice, pool);
  const modules = {
    mr1,
    mr2: okxThetaDecay(holdings, parameters.thetaDays, asOfMs),
    mr3: okxVegaTermStructure(holdings, parameters.vegaTermPoints, asOfMs),
    mr4: okxBasis(holdings, parameters.basisAnnualisedMove, indexPrice, asOfMs),
    mr5: okxInterestRate(holdings, parameters.rateShift, asOfMs),
    mr6,
    mr7: okxMinimumCharge(holdings, parameters, indexPrice, asOfMs),
    mr9: depegUsd,
  };
  const maintenanceMargin = combineOkxModules(modules);
  return {
    modules: (Object.keys(modules) as OkxModuleName[]).map((name) => ({ name, amount: modules[name] })),
    maintenanceMargin,
    initialMargin: parameters.initialFactor * maintenanceMargin,
    worstLabel,
  };
}
