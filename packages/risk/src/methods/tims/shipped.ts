import type { ParameterRules } from "../bounds.ts";
import { majors } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import type { TimsClassParameters, TimsMethodParameters } from "./parameters.ts";
import { timsBounds } from "./parameters.ts";

/** The limits, the offset and the minimum charge of one class of underlyings in US customer portfolio margin. */
export interface TimsParameters {
  readonly label: string;
  /** The lower and the upper limit as fractions, both positive. */
  readonly down: number;
  readonly up: number;
  /** The share that offsets between class groups of one product group, 0 to 1. */
  readonly productGroupOffset: number;
  /** The minimum charge of one option or future, per unit of contract size. */
  readonly minimumPerUnit: number;
}

/**
 * The parameters of US customer portfolio margin. The limits are from a public document restating FINRA 4210(g). The
 * minimum of 0.375 per unit of multiplier for each listed option and future, long or short, is from a broker's
 * published portfolio margin supplement. The offsets of 90 % and 75 % are our choice (docs/sources.md, TIMS).
 */
export const timsParameters = {
  largeIndex: {
    label: "TIMS, large broad index",
    down: 0.08,
    up: 0.06,
    productGroupOffset: 0.9,
    minimumPerUnit: 0.375,
  },
  broadIndex: { label: "TIMS, other broad index", down: 0.1, up: 0.1, productGroupOffset: 0.9, minimumPerUnit: 0.375 },
  singleStock: { label: "TIMS, single stock", down: 0.15, up: 0.15, productGroupOffset: 0.75, minimumPerUnit: 0.375 },
} as const satisfies Readonly<Record<string, TimsParameters>>;

/**
 * The class of every coin. A coin is no index, so it has the limits of single stocks. The minimum is 0.375 of a share
 * of 100, taken as a share of the index price, which is our scaling.
 */
const timsClass: TimsClassParameters = {
  underlying: "*",
  down: timsParameters.singleStock.down,
  up: timsParameters.singleStock.up,
  minimumRate: timsParameters.singleStock.minimumPerUnit / 100,
};

/** The parameters of the method `tims` that ship. */
export const timsShipped: TimsMethodParameters = {
  ...unsized,
  label: "TIMS, our own classes",
  pointCount: 10,
  classes: [timsClass],
  // 50 % is our choice. It is below the 75 % that we take for stocks (docs/sources.md, TIMS).
  productGroups: [{ name: "majors", underlyings: majors, offset: 0.5 }],
  portfolioOffset: 0,
};

export const timsParameterRules: ParameterRules<TimsMethodParameters> = {
  bounds: timsBounds,
  shipped: timsShipped,
};
