import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { type DeribitMethodParameters, deribitBounds } from "./parameters.ts";
import { deribitPmeBtc, deribitPmeEth } from "./requirement.ts";

/** Deribit's correlation contingency is not published: halfway between moving together and standing alone. Our choice. */
export const deribitParameterRules: ParameterRules<DeribitMethodParameters> = {
  bounds: deribitBounds,
  shipped: { ...unsized, currencies: [deribitPmeBtc, deribitPmeEth], decorrelation: 0.5 },
};
