import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { type DeribitMethodParameters, deribitBounds } from "./parameters.ts";
import { deribitPmeBtc, deribitPmeEth } from "./requirement.ts";

/**
 * The rules and shipped parameters of the method `portfolio_deribit`. Deribit's correlation contingency is not
 * published. A decorrelation of 0.5, halfway between moving together and independently, is our choice.
 */
export const deribitParameterRules: ParameterRules<DeribitMethodParameters> = {
  bounds: deribitBounds,
  shipped: { ...unsized, currencies: [deribitPmeBtc, deribitPmeEth], decorrelation: 0.5 },
};
