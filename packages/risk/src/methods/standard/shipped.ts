import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { deribitFutureRates } from "./future-margin.ts";
import { deribitStandardOptions } from "./option-margin.ts";
import type { StandardMethodParameters } from "./parameters.ts";
import { standardBounds } from "./parameters.ts";

/**
 * The parameters that ship. ETH has 2 % and 1 %, and 1 % more for each 5,000 ETH, from memory of Deribit's page. Other
 * coins have SOL's rates without the increment.
 */
export const standardShipped: StandardMethodParameters = {
  ...unsized,
  futures: [
    ...Object.entries(deribitFutureRates).map(([underlying, rates]) => ({ underlying, ...rates })),
    {
      underlying: "ETH",
      initial: { base: 0.02, incrementPerUnit: 0.000002 },
      maintenance: { base: 0.01, incrementPerUnit: 0.000002 },
    },
    {
      underlying: "*",
      initial: { base: 0.04, incrementPerUnit: 0 },
      maintenance: { base: 0.02, incrementPerUnit: 0 },
    },
  ],
  options: deribitStandardOptions,
  spreadRelief: "none",
};

export const standardParameterRules: ParameterRules<StandardMethodParameters> = {
  bounds: standardBounds,
  shipped: standardShipped,
};
