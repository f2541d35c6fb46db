import type { ParameterRules } from "../bounds.ts";
import { majors, scanOnly, tenorPowers } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import type { BybitParameters } from "./parameters.ts";
import { type BybitMethodParameters, bybitBounds } from "./parameters.ts";

/**
 * The parameters of BTC and ETH after the published page (docs/sources.md, Bybit portfolio margin). It gives a scan
 * range of 10 % since January 2025, a vega spread factor of 0.03 % and a delta spread factor of 45 %. The
 * volatility moves, the rates for short options, futures and stablecoins, and the initial factor were not found,
 * and are our choice.
 */
export const bybitMajor: BybitParameters = {
  label: "after Bybit's published rules of portfolio margin (BTC and ETH, January 2025); not the venue's own number",
  scan: scanOnly(
    "*",
    { priceScanRange: 0.1, priceStepsPerSide: 5 },
    { volatilityUp: 0.4, volatilityDown: 0.25, ...tenorPowers, minimumDaysToExpiry: 1, minimumVolatilityUp: 0 },
  ),
  shortOptionRate: 0.005,
  grossFutureRate: 0.005,
  vegaSpreadRate: 0.0003,
  deltaSpreadRate: 0.45,
  stablecoinSpreadRate: 0.005,
  initialFactor: 1.2,
};

export const bybitParameterRules: ParameterRules<BybitMethodParameters> = {
  bounds: bybitBounds,
  shipped: {
    ...unsized,
    coins: majors.map((underlying) => ({ ...bybitMajor, scan: { ...bybitMajor.scan, underlying } })),
  },
};
