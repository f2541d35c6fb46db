import { worstIndex } from "../../arrays/index.ts";
import type { ParameterSet, ScanParameters } from "../../model/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import { confidenceCharge, type ScanExposure, type UnitMeasure } from "../unit-measure.ts";

const componentNames = [
  "scan_risk",
  "extended_scan_excess",
  "calendar_charge",
  "basis_charge",
  "short_option_minimum",
  "confidence_charge",
] as const;

/**
 * Computes the requirement of the method `portfolio` for one unit, in pool currency (Deribit PME; docs/sources.md,
 * Deribit portfolio margin). It adds up the worst loss of the main grid, what the worst dampened extended loss adds to
 * that, the calendar charge, and the basis charge. If the short option minimum is above this sum, the difference is
 * added. The result is initial or maintenance margin, as `scanGives` says, and `maintenanceToInitialRatio` gives the
 * other. The confidence charge comes on top of initial margin only.
 */
export function measurePortfolioUnit(
  losses: Float64Array,
  set: ScenarioSet,
  scan: ScanParameters,
  exposure: ScanExposure,
  parameters: Pick<ParameterSet, "scanGives" | "maintenanceToInitialRatio">,
): UnitMeasure {
  const worstMain = worstIndex(losses, 0, set.mainCount);
  const scanRisk = Math.max(0, losses[worstMain]!);
  const worstExtended = worstIndex(losses, set.mainCount, set.scenarioCount);
  const extendedExcess = worstExtended < 0 ? 0 : Math.max(0, losses[worstExtended]! - scanRisk);
  const calendar = calendarCharge(exposure);
  const basis = scan.basisRate * exposure.indexPrice * hedgedDelta(exposure.expiryDeltas);
  const scanned = scanRisk + extendedExcess + calendar + basis;
  const minimum = scan.shortOptionRate * exposure.indexPrice * netShortOptions(exposure.strikeQuantities);
  const shortOptionExcess = Math.max(0, minimum - scanned);
  const requirement = scanned + shortOptionExcess;
  const confidence = confidenceCharge(exposure);
  const ratio = parameters.maintenanceToInitialRatio;
  const fromScan = parameters.scanGives === "initial";
  const scenarioIndex = extendedExcess > 0 ? worstExtended : worstMain;
  return {
    requirement,
    initial: (fromScan ? requirement : requirement / ratio) + confidence,
    maintenance: fromScan ? requirement * ratio : requirement,
    componentNames,
    amounts: [scanRisk, extendedExcess, calendar, basis, shortOptionExcess, confidence],
    worstScenario: losses[scenarioIndex]! > 0 ? scenarioIndex : -1,
    worstLoss: Math.max(0, losses[scenarioIndex]!),
    least: { initial: fromScan ? minimum : minimum / ratio, maintenance: fromScan ? minimum * ratio : minimum },
  };
}

/**
 * Returns the calendar charge in pool currency: |delta| of each expiry x its rate x index price, added up. Expiries
 * never offset each other here (docs/sources.md, Deribit portfolio margin). A perpetual is never rolled by itself. Only
 * the part of its delta that dated expiries hedge is charged, because that part is unhedged once they settle.
 */
function calendarCharge({ expiryDeltas, expiryRates, perpetualExpiry, indexPrice }: ScanExposure): number {
  let charge = 0;
  let against = 0;
  const perpetual = perpetualExpiry < 0 ? 0 : expiryDeltas[perpetualExpiry]!;
  for (let expiry = 0; expiry < expiryDeltas.length; expiry += 1) {
    if (expiry === perpetualExpiry) continue;
    const delta = expiryDeltas[expiry]!;
    charge += Math.abs(delta) * expiryRates[expiry]!;
    if (delta * perpetual < 0) against += Math.abs(delta);
  }
  const hedged = Math.min(Math.abs(perpetual), against);
  if (hedged > 0) charge += hedged * expiryRates[perpetualExpiry]!;
  return charge * indexPrice;
}

/**
 * Returns the delta that expiries hedge for each other, in units of the underlying. It is the lesser of the summed long
 * and the summed short expiry deltas.
 */
function hedgedDelta(expiryDeltas: readonly number[]): number {
  let long = 0;
  let short = 0;
  for (const delta of expiryDeltas) {
    if (delta > 0) long += delta;
    else short -= delta;
  }
  return Math.min(long, short);
}

/**
 * Returns the units of options sold beyond those bought at the same strike and expiry, calls and puts together
 * (docs/sources.md, Deribit portfolio margin).
 */
function netShortOptions(strikeQuantities: readonly number[]): number {
  let short = 0;
  for (const quantity of strikeQuantities) if (quantity < 0) short -= quantity;
  return short;
}

const balanceLosses = new WeakMap<ScenarioSet, { readonly inCash: number; readonly inCoin: number }>();

/**
 * Returns the greatest loss of a balance worth one US dollar over the scenarios, in US dollars, at least 0. `inCash` is
 * for coin in a cash pool, `inCoin` for US dollars in the coin's own pool.
 */
export function greatestBalanceLoss(set: ScenarioSet): { readonly inCash: number; readonly inCoin: number } {
  const known = balanceLosses.get(set);
  if (known !== undefined) return known;
  let [inCash, inCoin] = [0, 0];
  for (let s = 0; s < set.scenarioCount; s += 1) {
    inCash = Math.max(inCash, -set.priceMove[s]! * set.weight[s]!);
    inCoin = Math.max(inCoin, set.priceMove[s]! * set.cashIntoCoin[s]!);
  }
  const losses = { inCash, inCoin };
  balanceLosses.set(set, losses);
  return losses;
}
