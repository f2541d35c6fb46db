import type { ComponentName } from "../../model/index.ts";
import type { UnitExposure, UnitMeasure } from "../unit-measure.ts";
import type { SizeParameters } from "./parameters.ts";
import { incrementalRate, openInterestRate } from "./size-rates.ts";

/** What size reads of a unit, units of the underlying; balances are no part of it. */
export interface SizeExposure extends Pick<UnitExposure, "indexPrice"> {
  /** Signed. */
  readonly netDelta: number;
  /** Sum of |delta| over the positions. */
  readonly positionDelta: number;
  /** Futures and perpetuals, longs and shorts added. */
  readonly futureUnits: number;
  /** Options in full, longs and shorts added. */
  readonly optionUnits: number;
  readonly shortOptionUnits: number;
}

const USD_PER_MILLION = 1_000_000;

/**
 * A measure with what size adds to it: initial margin raised by open interest, the concentration charge and the liquidation
 * cost in both margins, then what the least requirement asks beyond all these. Each grows with size at least as fast.
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

/** The rate that initial margin is of the delta, raised with open interest; pool currency. */
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

/** US dollars. */
function concentrationCharge(
  { netDelta }: SizeExposure,
  indexUsd: number,
  { freeUsd, ratePerMillionUsd, maximumRate }: SizeParameters["concentration"],
): number {
  const beyond = Math.max(0, Math.abs(netDelta) * indexUsd - freeUsd);
  const rate = incrementalRate(beyond / USD_PER_MILLION, { base: 0, incrementPerUnit: ratePerMillionUsd });
  return beyond * Math.min(rate, maximumRate);
}

/** Market impact grows with the square root of what is sold; US dollars. */
function liquidationCost(
  { futureUnits, optionUnits }: SizeExposure,
  indexUsd: number,
  { futureRate, optionRate, impactPerRootMillionUsd }: SizeParameters["liquidation"],
): number {
  const notionalUsd = (futureUnits + optionUnits) * indexUsd;
  const impact = 1 + impactPerRootMillionUsd * Math.sqrt(notionalUsd / USD_PER_MILLION);
  return (futureRate * futureUnits + optionRate * optionUnits) * indexUsd * impact;
}
