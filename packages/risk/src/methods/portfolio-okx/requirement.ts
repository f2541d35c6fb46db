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
  type HeldInstrument,
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
import { scanOnly, tenorPowers } from "../common/presets.ts";
import type { OkxMinimumChargeTier, OkxParameters } from "./parameters.ts";

/** Builds the spot and volatility shocks of MR1, followed by the two extreme moves of MR6 with volatility unmoved. */
function buildOkxScenarioSet(underlying: string, parameters: OkxParameters): ScenarioSet {
  const scenarios: Scenario[] = [];
  const add = (priceMove: number, volatilityState: 1 | 0 | -1, weight: number) =>
    scenarios.push({ priceMove, volatilityState, extended: false, weight, settlementMove: priceMove });
  const moves = [...parameters.spotMoves.map((move) => -move).reverse(), 0, ...parameters.spotMoves];
  for (const move of moves) for (const state of [1, 0, -1] as const) add(move, state, 1);
  for (const move of [-parameters.extremeMove, parameters.extremeMove]) add(move, 0, parameters.extremeLossShare);
  return createScenarioSet(underlying, scenarios);
}

/** Returns the scenarios of one underlying with no instrument priced yet. All pools of one snapshot share them. */
export function priceOkxScenarios(underlying: string, parameters: OkxParameters, asOfMs: number): PricedScenarios {
  const { volatilityUp, volatilityDown, spotMoves } = parameters;
  const scan = scanOnly(
    underlying,
    { priceScanRange: spotMoves[spotMoves.length - 1] ?? 0, priceStepsPerSide: spotMoves.length },
    { volatilityUp, volatilityDown, ...tenorPowers, minimumDaysToExpiry: 1, minimumVolatilityUp: 0 },
  );
  return priceScenarios(buildOkxScenarioSet(underlying, parameters), scan, asOfMs);
}

/**
 * Returns MR1, the worst loss over the spot and volatility shocks, and MR6, the counted loss of the extreme moves. Both
 * are in cash and at least 0. `worstLabel` names the worst shock, and is null if none loses.
 */
function okxSpotShocks(
  holdings: readonly HeldInstrument[],
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

/** Returns MR2, the value that the options lose when only time passes. It is in cash and at least 0. */
function okxThetaDecay(holdings: readonly HeldInstrument[], thetaDays: number, asOfMs: number): number {
  let loss = 0;
  for (const holding of holdings) {
    if (!isDatedOption(holding.quoted.instrument)) continue;
    const later = revaluedOption(holding, { ...noRevaluation, elapsedDays: thetaDays }, asOfMs);
    loss += revaluedOption(holding, noRevaluation, asOfMs) - later;
  }
  return Math.max(0, loss);
}

/**
 * Returns MR3 in cash: the vega that expiries hedge for each other, times the points by which they can move apart. The
 * vega of an expiry is weighted by (30 / days)^0.3, with the power 0.13 from 30 days on. OKX publishes the name of the
 * module but not its formula. This is our reading, because MR1 already moves all volatilities together.
 */
function okxVegaTermStructure(holdings: readonly HeldInstrument[], vegaTermPoints: number, asOfMs: number): number {
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
 * Returns MR4 in cash: |delta| of each expiry x index price x annualised move x years, added up. OKX publishes the
 * annualised moves. That expiries do not offset each other is the cautious reading. Perpetuals add nothing.
 */
function okxBasis(
  holdings: readonly HeldInstrument[],
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

/**
 * Returns MR5, the value that the options lose when the discount rate shifts up or down and the forwards stay. It is in
 * cash and at least 0.
 */
function okxInterestRate(holdings: readonly HeldInstrument[], rateShift: number, asOfMs: number): number {
  const options = holdings.filter(({ quoted }) => isDatedOption(quoted.instrument));
  const valueAt = (rate: number) =>
    options.reduce((sum, holding) => sum + revaluedOption(holding, { ...noRevaluation, rate }, asOfMs), 0);
  const now = valueAt(0);
  return Math.max(0, now - valueAt(rateShift), now - valueAt(-rateShift));
}

/**
 * Returns MR7 in cash: the fees and slippage of unwinding, multiplied by the tiers that the sum runs through. Futures
 * count with their delta, and options with their number of units.
 */
function okxMinimumCharge(
  holdings: readonly HeldInstrument[],
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
 * Returns the raw charge with each slice multiplied by its own tier. OKX's note on the scaling factor multiplies the
 * incremental amount only (10,000 + 20,000 x 2 = 50,000 for 30,000; docs/sources.md, OKX portfolio margin). Throws a
 * RangeError if the tiers end below the raw charge.
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
  /** Every module, whether or not it set the requirement. */
  readonly modules: readonly NamedAmount<OkxModuleName>[];
  /** It is max(max(MR1, MR2, MR6) + MR3 + MR4 + MR5 + MR9, MR7). */
  readonly maintenanceMargin: number;
  readonly initialMargin: number;
  readonly worstLabel: string | null;
}

/**
 * Returns the derivatives requirement of one underlying from its modules (docs/sources.md, OKX portfolio margin). The
 * place of MR9 in the formula is not certain.
 */
export function combineOkxModules(modules: Readonly<Record<OkxModuleName, number>>): number {
  const core = Math.max(modules.mr1, modules.mr2, modules.mr6);
  return Math.max(core + modules.mr3 + modules.mr4 + modules.mr5 + modules.mr9, modules.mr7);
}

/**
 * Computes the derivatives requirement of the holdings on one underlying, in cash (docs/sources.md, OKX portfolio
 * margin). Initial margin is `initialFactor` times maintenance margin, which is 1.3 at OKX. MR8 (borrowing) is charged
 * per pool and is not included. `depegUsd` is the MR9 of this underlying, in US dollars.
 */
export function computeOkxRequirement(
  held: readonly HeldInstrument[],
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
