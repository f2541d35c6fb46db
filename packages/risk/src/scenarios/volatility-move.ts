import type { VolatilityMoveParameters } from "../model/index.ts";
import { pow } from "../numbers/index.ts";
import type { VolatilityState } from "./scenario-set.ts";

/** The tenor at which the volatility moves of a scan are stated. */
const REFERENCE_DAYS = 30;

/**
 * Computes the factor on a volatility before the absolute floor: 1 + up (30 / days)^p or max(0, 1 - down (30 /
 * days)^p). Here p is shortTermPower up to 30 days and longTermPower beyond, and days is at least minimumDaysToExpiry
 * (Deribit PME, Derive; docs/sources.md, Volatility moves by tenor). Paradex and Deribit's deck end the short powers
 * just before 30 days. At 30 days both powers give the same move if minimumDaysToExpiry is at most 30, which parameter
 * sets must observe.
 */
export function volatilityMultiplier(
  daysToExpiry: number,
  state: VolatilityState,
  parameters: VolatilityMoveParameters,
): number {
  if (state === 0) return 1;
  const power = daysToExpiry <= REFERENCE_DAYS ? parameters.shortTermPower : parameters.longTermPower;
  const scale = pow(REFERENCE_DAYS / Math.max(daysToExpiry, parameters.minimumDaysToExpiry), power);
  return state === 1 ? 1 + parameters.volatilityUp * scale : Math.max(0, 1 - parameters.volatilityDown * scale);
}

/** Computes the volatility per year in a state. Moved up it is at least minimumVolatilityUp, moved down at least 0. */
export function movedVolatility(
  volatility: number,
  daysToExpiry: number,
  state: VolatilityState,
  parameters: VolatilityMoveParameters,
): number {
  const moved = volatility * volatilityMultiplier(daysToExpiry, state, parameters);
  return state === 1 ? Math.max(moved, parameters.minimumVolatilityUp) : moved;
}
