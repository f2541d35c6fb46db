import type { ScanParameters, VolatilityMoveParameters } from "../../model/index.ts";

/** The coins for which the parameters of venues' rules are shipped. */
export const majors = ["BTC", "ETH"];

/**
 * The powers by which volatility moves scale with tenor, as Deribit, Paradex and Derive publish them: 0.30 below
 * 30 days, 0.13 above.
 */
export const tenorPowers = { shortTermPower: 0.3, longTermPower: 0.13 } as const;

/**
 * Returns the scan parameters of a preset that has charges of its own. Only the grid and the volatility moves are
 * filled in. The charges that the method `portfolio` would add are 0.
 */
export function scanOnly(
  underlying: string,
  grid: { readonly priceScanRange: number; readonly priceStepsPerSide: number },
  volatility: VolatilityMoveParameters,
): ScanParameters {
  return {
    underlying,
    ...grid,
    ...volatility,
    extendedMoves: [],
    extendedFactor: 0,
    extendedDampenerUsd: 0,
    calendarMinimumMove: 0,
    calendarAnnualisedMove: 0,
    basisRate: 0,
    shortOptionRate: 0,
    staticInitialRate: 0,
    staticMaintenanceRate: 0,
  };
}
