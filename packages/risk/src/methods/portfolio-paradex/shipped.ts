import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { type ParadexMethodParameters, paradexBounds } from "./parameters.ts";
import { paradexParameters } from "./requirement.ts";

/**
 * Paradex's page names the fee provision without a rate. Our choice is 3 basis points, and for options at most an
 * eighth of their mark.
 */
export const paradexParameterRules: ParameterRules<ParadexMethodParameters> = {
  bounds: paradexBounds,
  shipped: { ...unsized, ...paradexParameters, feeProvisionRate: 0.0003, optionFeeCapRate: 0.125 },
};
