import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import type { SpanUnderlyingParameters, SpanVenueParameters } from "./parameters.ts";
import { type SpanMethodParameters, spanBounds } from "./parameters.ts";

const btc: SpanUnderlyingParameters = {
  underlying: "BTC",
  priceScanRate: 0.16,
  volatilityScanRange: 0.35,
  volatilityScanKind: "relative",
  lookAheadYears: 1 / 365,
  calendarRate: 0.005,
  shortOptionMinimumRate: 0.01,
  initialToMaintenanceRatio: 1.1,
};

/**
 * Parameters to start a calibration from, not those of a clearing organisation. The scan ranges are as wide as
 * Deribit's, the volatility range is that of CME's published S&P example (35 %), and the extreme move is CME's. The
 * initial ratio of 1.1 is our choice (docs/sources.md, SPAN: requirement). A dollar of BTC against a dollar of ETH is
 * credited at half, which is our choice.
 */
export const defaultSpanParameters: SpanVenueParameters = {
  label: "SPAN, our own parameters",
  extremeMultiplier: 3,
  coveredFraction: 0.33,
  limitNetOptionValue: true,
  underlyings: [
    btc,
    { ...btc, underlying: "ETH", priceScanRate: 0.18 },
    { ...btc, underlying: "*", priceScanRate: 0.25, calendarRate: 0.01, shortOptionMinimumRate: 0.02 },
  ],
  credits: [
    {
      priority: 1,
      method: "delta",
      isSuper: false,
      creditRate: 0.5,
      legs: [
        { underlying: "BTC", side: "A", notionalPerSpread: 1 },
        { underlying: "ETH", side: "B", notionalPerSpread: 1 },
      ],
    },
  ],
};

export const spanParameterRules: ParameterRules<SpanMethodParameters> = {
  bounds: spanBounds,
  shipped: { ...unsized, ...defaultSpanParameters },
};
