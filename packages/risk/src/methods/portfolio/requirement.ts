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
 * The method `portfolio` for one unit (Deribit PME; docs/sources.md, Deribit portfolio margin): the worst loss of the
 * main grid, what the worst dampened extended loss adds to it, the roll of each expiry's delta, the basis of the delta
 * hedged between expiries, and what the short option minimum asks beyond all these. The scan gives initial or
 * maintenance margin, a ratio the other.
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
 * |delta| of each expiry x its rate x index: expiries never offset each other here
 * (docs/sources.md, Deribit portfolio margin). A perpetual is never rolled by itself: of its delta counts what dated
 * expiries hedge, as it is naked when they settle.
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

/** Delta that one expiry hedges for another: the lesser of all long and all short expiries' deltas. */
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
 * Options sold beyond those bought at the same strike and expiry, calls and puts together
 * (docs/sources.md, Deribit portfolio margin).
 */
function netShortOptions(strikeQuantities: readonly number[]): number {
  let short = 0;
  for (const quantity of strikeQuantities) if (quantity < 0) short -= quantity;
  return short;
}

const balanceLosses = new WeakMap<ScenarioSet, { readonly inCash: number; readonly inCoin: number }>();

/** The greatest loss of a US dollar of coin in a cash pool, and of a US dollar in the coin's own pool. */
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
