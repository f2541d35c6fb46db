import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import type { StandardFutureParameters, StandardMethodParameters, StandardOptionParameters } from "./parameters.ts";
import { standardBounds } from "./parameters.ts";

/**
 * The published incremental rates by underlying (Deribit futures and linear perpetual pages; docs/sources.md, Deribit
 * standard margin).
 */
export const deribitFutureRates: Readonly<Record<string, StandardFutureParameters>> = {
  BTC: {
    initial: { base: 0.02, incrementPerUnit: 0.00005 },
    maintenance: { base: 0.01, incrementPerUnit: 0.00005 },
  },
  SOL: {
    initial: { base: 0.04, incrementPerUnit: 0.000005 },
    maintenance: { base: 0.02, incrementPerUnit: 0.000005 },
  },
};

/**
 * The rates after Deribit's published rules of standard margin. They are not the venue's own number (docs/sources.md,
 * Deribit standard margin).
 */
export const deribitStandardOptions: StandardOptionParameters = {
  label: "after Deribit's published rules of standard margin; not the venue's own number",
  initialRate: 0.15,
  initialMinimumRate: 0.1,
  maintenanceRate: 0.075,
  putMaintenanceMarkRate: 0.075,
  markRateForCalls: false,
  closingFeeRate: 0,
};

/**
 * The rates after Bybit's published rules of cross margin for options. They are not the venue's own number. They come
 * from its help page's example of a bear put spread (October 2024): maintenance max(3 % of index, 3 % of mark) + mark +
 * 0.2 % of index.
 */
export const bybitStandardOptions: StandardOptionParameters = {
  label: "after Bybit's published rules of cross margin for options; not the venue's own number",
  initialRate: 0.15,
  initialMinimumRate: 0.1,
  maintenanceRate: 0.03,
  putMaintenanceMarkRate: 0.03,
  markRateForCalls: true,
  closingFeeRate: 0.002,
};

/**
 * The parameters that ship. ETH has 2 % and 1 %, and 1 % more for each 5,000 ETH, as Deribit had it before 2022. Other
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
