import type { ParameterRules } from "../bounds.ts";
import { majors } from "../common/majors.ts";
import { unsized } from "../size/parameters.ts";
import type { TimsClassParameters, TimsMethodParameters } from "./parameters.ts";
import { timsBounds } from "./parameters.ts";

/** How far a class of underlyings is valued, and what of its gains offsets losses of its neighbours. */
export interface TimsParameters {
  readonly label: string;
  /** Lower and upper limit as fractions, both positive. */
  readonly down: number;
  readonly up: number;
  /** Offset between class groups of one product group, 0 to 1. */
  readonly productGroupOffset: number;
  /** Minimum charge per option or future, per unit of contract size. */
  readonly minimumPerUnit: number;
}

/**
 * US customer portfolio margin. Limits: a public document restating FINRA 4210(g). Minimum of 0.375 per unit of
 * multiplier for each listed option and future, long or short: a broker's published portfolio margin supplement.
 * Offsets of 90 % and 75 %: from memory, not found in a source (docs/sources.md, TIMS).
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

/** A coin is no index: the limits of single stocks, and 0.375 of a share of 100 as a share of the underlying. Our scaling. */
const timsClass: TimsClassParameters = {
  underlying: "*",
  down: timsParameters.singleStock.down,
  up: timsParameters.singleStock.up,
  minimumRate: timsParameters.singleStock.minimumPerUnit / 100,
};

/** The method `tims` as it ships. */
export const timsShipped: TimsMethodParameters = {
  ...unsized,
  label: "TIMS, our own classes",
  pointCount: 10,
  classes: [timsClass],
  // Our choice, below the 75 % of stocks, which is from memory (docs/sources.md, TIMS).
  productGroups: [{ name: "majors", underlyings: majors, offset: 0.5 }],
  portfolioOffset: 0,
};

export const timsParameterRules: ParameterRules<TimsMethodParameters> = {
  bounds: timsBounds,
  shipped: timsShipped,
};
