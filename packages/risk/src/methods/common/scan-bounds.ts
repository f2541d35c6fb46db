import type { ScanParameters, VolatilityMoveParameters } from "../../model/scan.ts";
import {
  between,
  type NumberBounds,
  nonNegative,
  type ObjectBounds,
  type Refusal,
  rate,
  underlying,
} from "../bounds.ts";

const fractionBelowOne: NumberBounds = { kind: "number", least: 0, below: 1 };

/**
 * The bounds of volatility moves by tenor. A floor above 30 days for the days to expiry would reverse the
 * effect of the powers.
 */
export const volatilityMoves: ObjectBounds<VolatilityMoveParameters>["members"] = {
  volatilityUp: between(0, 10),
  volatilityDown: fractionBelowOne,
  shortTermPower: between(0, 2),
  longTermPower: between(0, 2),
  minimumDaysToExpiry: { kind: "number", above: 0, most: 30 },
  minimumVolatilityUp: between(0, 10),
};

/** The bounds of the scan parameters of one underlying. */
export const scanBounds: ObjectBounds<ScanParameters> = {
  kind: "object",
  members: {
    underlying,
    priceScanRange: { kind: "number", above: 0, below: 1 },
    priceStepsPerSide: { ...between(1, 64), isWhole: true },
    ...volatilityMoves,
    extendedMoves: { kind: "list", of: { kind: "number", above: -1, most: 100 }, fewest: 0, most: 64 },
    extendedFactor: between(0, 10),
    extendedDampenerUsd: nonNegative,
    calendarMinimumMove: rate,
    calendarAnnualisedMove: between(0, 10),
    basisRate: rate,
    shortOptionRate: rate,
    staticInitialRate: rate,
    staticMaintenanceRate: rate,
  },
  rules: ({ priceScanRange, extendedMoves, staticInitialRate, staticMaintenanceRate }) => {
    const refusals: Refusal[] = [];
    for (const [index, move] of extendedMoves.entries()) {
      if (Math.abs(move) > priceScanRange) continue;
      const allowed = `a move beyond the price_scan_range of ${priceScanRange}, up or down`;
      refusals.push({ path: ["extendedMoves", index], value: move, allowed });
    }
    if (staticMaintenanceRate > staticInitialRate) {
      const allowed = `at most static_initial_rate, which is ${staticInitialRate}`;
      refusals.push({ path: ["staticMaintenanceRate"], value: staticMaintenanceRate, allowed });
    }
    return refusals;
  },
};
