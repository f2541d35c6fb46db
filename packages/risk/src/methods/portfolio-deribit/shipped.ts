import type { ScanParameters } from "../../model/index.ts";
import type { ParameterRules } from "../bounds.ts";
import { tenorPowers } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import type { DeribitPmeParameters } from "./parameters.ts";
import { type DeribitMethodParameters, deribitBounds } from "./parameters.ts";

const scan2024: ScanParameters = {
  underlying: "BTC",
  priceScanRange: 0.16,
  priceStepsPerSide: 4,
  volatilityUp: 0.5,
  volatilityDown: 0.25,
  ...tenorPowers,
  // Deribit publishes no floor for the days to expiry. About a quarter of an hour keeps the power finite.
  minimumDaysToExpiry: 0.01,
  minimumVolatilityUp: 0.5,
  extendedMoves: [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5],
  extendedFactor: 1,
  extendedDampenerUsd: 100_000,
  calendarMinimumMove: 0.01,
  calendarAnnualisedMove: 0.075,
  basisRate: 0,
  shortOptionRate: 0,
  staticInitialRate: 0,
  staticMaintenanceRate: 0,
};

/** The parameters of BTC, as in the API's published example (2024). */
export const deribitPmeBtc: DeribitPmeParameters = {
  label: "after Deribit's published rules of portfolio margin (BTC, 2024); not the venue's own number",
  scan: scan2024,
  pnlOffset: 0,
  maximumOffsettablePnlUsd: 0,
  deltaShock: { thresholdUsd: 20_000_000, slopePerUnit: 0.00005, maximumRate: 0.1 },
  maintenanceFactor: 0.8,
};

/** The parameters of ETH, as in a live sample of February 2026. */
export const deribitPmeEth: DeribitPmeParameters = {
  label: "after Deribit's published rules of portfolio margin (ETH, 2026); not the venue's own number",
  scan: {
    ...scan2024,
    underlying: "ETH",
    priceScanRange: 0.18,
    volatilityUp: 0.4,
    extendedDampenerUsd: 200_000,
    calendarMinimumMove: 0.005,
    calendarAnnualisedMove: 0.05,
  },
  pnlOffset: 0.6,
  maximumOffsettablePnlUsd: 20_000_000,
  deltaShock: { thresholdUsd: 20_000_000, slopePerUnit: 0.000004, maximumRate: 0.1 },
  maintenanceFactor: 0.8,
};

/**
 * The rules and shipped parameters of the method `portfolio_deribit`. Deribit's correlation contingency is not
 * published. A decorrelation of 0.5, halfway between moving together and independently, is our choice.
 */
export const deribitParameterRules: ParameterRules<DeribitMethodParameters> = {
  bounds: deribitBounds,
  shipped: { ...unsized, currencies: [deribitPmeBtc, deribitPmeEth], decorrelation: 0.5 },
};
