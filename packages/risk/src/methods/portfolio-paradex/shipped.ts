import type { ParameterRules } from "../bounds.ts";
import { tenorPowers } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import type { ParadexParameters, ParadexScenario } from "./parameters.ts";
import { type ParadexMethodParameters, paradexBounds } from "./parameters.ts";

const volatilityUp = 0.4;

const volatilityDown = -0.22;

const bothWays = (spotMove: number): ParadexScenario[] => [
  { spotMove, volatilityMove: volatilityUp, weight: 1 },
  { spotMove, volatilityMove: volatilityDown, weight: 1 },
];

const tail = (spotMove: number, weight: number): ParadexScenario => ({
  spotMove,
  volatilityMove: volatilityUp,
  weight,
});

/**
 * The 24 published scenarios in their published order, with the published rates (docs.paradex.trade; docs/sources.md,
 * Paradex portfolio margin). The floor of 1 day to expiry is not published.
 */
export const paradexParameters: ParadexParameters = {
  label: "after Paradex's published rules of portfolio margin; not the venue's own number",
  scenarios: [
    tail(0.16, 1),
    ...[0.12, 0.08, 0.04, 0, -0.04, -0.08, -0.12].flatMap(bothWays),
    tail(-0.16, 1),
    tail(-0.66, 0.24),
    tail(-0.33, 0.48),
    tail(0.5, 0.32),
    tail(1, 0.16),
    tail(2, 0.08),
    tail(3, 0.0533),
    tail(4, 0.04),
    tail(5, 0.032),
  ],
  ...tenorPowers,
  minimumDaysToExpiry: 1,
  netDeltaRate: 0.02,
  hedgedDeltaRate: 0.01,
  maintenanceFactor: 0.5,
};

/**
 * Paradex's page names the fee provision without a rate. Our choice is 3 basis points, and for options at most an
 * eighth of their mark.
 */
export const paradexParameterRules: ParameterRules<ParadexMethodParameters> = {
  bounds: paradexBounds,
  shipped: { ...unsized, ...paradexParameters, feeProvisionRate: 0.0003, optionFeeCapRate: 0.125 },
};
