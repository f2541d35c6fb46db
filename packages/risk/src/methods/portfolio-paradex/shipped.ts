import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { type ParadexMethodParameters, paradexBounds } from "./parameters.ts";
import { paradexParameters } from "./requirement.ts";

/** The page names the fee provision without a rate: 3 basis points, options capped at an eighth of their mark. Our choice. */
export const paradexParameterRules: ParameterRules<ParadexMethodParameters> = {
  bounds: paradexBounds,
  shipped: { ...unsized, ...paradexParameters, feeProvisionRate: 0.0003, optionFeeCapRate: 0.125 },
};
