import type { ComponentName } from "../../model/index.ts";
import type { UnitExposure, UnitMeasure } from "../unit-measure.ts";
import type { IncrementalRate, SizeParameters } from "./parameters.ts";

/** The exposure of a unit that charges for size read, in units of the underlying. Balances are not part of it. */
export interface SizeExposure extends Pick<UnitExposure, "indexPrice"> {
  /** The net delta of the positions, signed. */
  readonly netDelta: number;
  /** The sum of |delta| over the positions. */
  readonly positionDelta: number;
  /** The sum of the sizes of futures and perpetuals, longs and shorts added. */
  readonly futureUnits: number;
  /** The sum of the sizes of options, longs and shorts added. Each option counts in full. */
  readonly optionUnits: number;
  readonly shortOptionUnits: number;
}

const USD_PER_MILLION = 1_000_000;

/**
 * Returns a measure with the charges for size added, in pool currency. Open interest raises initial margin; the
 * concentration charge and the liquidation cost are added to both margins. The least requirement then adds what
 * is missing to it. Each charge grows with size at least in proportion. Without parameters the measure is
 * returned unchanged.
 */
export function addSizeCharges(
  measure: UnitMeasure,
  parameters: SizeParameters | undefined,
  exposure: SizeExposure,
  poolPriceUsd: number,
): UnitMeasure {
  if (parameters === undefined) return measure;
  const { openInterest, concentration, liquidation, minimum } = parameters;
  const indexUsd = exposure.indexPrice * poolPriceUsd;
  const concentrated = concentrationCharge(exposure, indexUsd, concentration) / poolPriceUsd;
  const liquidated = liquidationCost(exposure, indexUsd, liquidation) / poolPriceUsd;
  const both = concentrated + liquidated;
  const scaled = openInterestCharge(measure.initial, exposure, openInterest);
  const initial = measure.initial + scaled + both;
  const maintenance = measure.maintenance + both;
  const least =
    (minimum.futureRate * exposure.futureUnits + minimum.shortOptionRate * exposure.shortOptionUnits) *
    exposure.indexPrice;
  const added: readonly (readonly [ComponentName, number])[] = [
    ["open_interest_charge", scaled],
    ["concentration_charge", concentrated],
    ["liquidation_cost", liquidated],
    ["size_minimum", Math.max(0, least - initial)],
  ];
  const charged = added.filter(([, amount]) => amount !== 0);
  const floor = {
    initial: Math.max(measure.least?.initial ?? 0, least),
    maintenance: Math.max(measure.least?.maintenance ?? 0, least),
  };
  if (charged.length === 0) return { ...measure, maintenance: Math.max(maintenance, least), least: floor };
  return {
    ...measure,
    requirement: charged.reduce((sum, [, amount]) => sum + amount, measure.requirement),
    initial: Math.max(initial, least),
    maintenance: Math.max(maintenance, least),
    componentNames: [...measure.componentNames, ...charged.map(([name]) => name)],
    amounts: [...measure.amounts, ...charged.map(([, amount]) => amount)],
    least: floor,
  };
}

/**
 * Returns what open interest adds to initial margin, in pool currency. The rate of initial margin on the notional of
 * the delta rises with open interest.
 */
function openInterestCharge(
  initial: number,
  { indexPrice, positionDelta }: SizeExposure,
  { notionalUsd, lowerUsd, upperUsd }: SizeParameters["openInterest"],
): number {
  const notional = positionDelta * indexPrice;
  if (!(notional > initial)) return 0;
  const base = initial / notional;
  return (openInterestRate(base, notionalUsd, { lower: lowerUsd, upper: upperUsd }) - base) * notional;
}

/** Returns the charge for concentrated net delta in US dollars. */
function concentrationCharge(
  { netDelta }: SizeExposure,
  indexUsd: number,
  { freeUsd, ratePerMillionUsd, maximumRate }: SizeParameters["concentration"],
): number {
  const beyond = Math.max(0, Math.abs(netDelta) * indexUsd - freeUsd);
  const rate = incrementalRate(beyond / USD_PER_MILLION, { base: 0, incrementPerUnit: ratePerMillionUsd });
  return beyond * Math.min(rate, maximumRate);
}

/**
 * Returns the cost of closing all positions in US dollars. Its market impact grows with the square root of the
 * notional that is sold.
 */
function liquidationCost(
  { futureUnits, optionUnits }: SizeExposure,
  indexUsd: number,
  { futureRate, optionRate, impactPerRootMillionUsd }: SizeParameters["liquidation"],
): number {
  const notionalUsd = (futureUnits + optionUnits) * indexUsd;
  const impact = 1 + impactPerRootMillionUsd * Math.sqrt(notionalUsd / USD_PER_MILLION);
  return (futureRate * futureUnits + optionRate * optionUnits) * indexUsd * impact;
}

/**
 * Returns the rate base + increment x |size|, so that the margin itself is quadratic in size (Deribit; docs/sources.md,
 * Deribit standard margin).
 */
export function incrementalRate(size: number, { base, incrementPerUnit }: IncrementalRate): number {
  return base + incrementPerUnit * Math.abs(size);
}

/**
 * Returns the initial rate scaled by open interest. It is base up to the lower cap, rises linearly to 1 at the upper
 * cap, and is 1 beyond (dYdX v4; docs/sources.md, Rates that grow with size). Equal caps make it a step. When both caps
 * are 0, the rate stays at base. Throws a RangeError unless 0 <= lower <= upper.
 */
export function openInterestRate(
  base: number,
  openInterestNotional: number,
  caps: { readonly lower: number; readonly upper: number },
): number {
  if (!(caps.lower >= 0 && caps.upper >= caps.lower)) {
    throw new RangeError(`Open interest caps are ${caps.lower} and ${caps.upper}; give 0 <= lower <= upper`);
  }
  if (caps.upper === 0 || openInterestNotional <= caps.lower) return base;
  if (openInterestNotional >= caps.upper) return 1;
  return base + (1 - base) * ((openInterestNotional - caps.lower) / (caps.upper - caps.lower));
}
