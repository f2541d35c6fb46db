import {
  label,
  type ObjectBounds,
  type Refusal,
  rate,
  refuseRepeats,
  refuseSharedMembers,
  rows,
  symbol,
  underlying,
} from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** The limits of the valuation points of one underlying, and the minimum charge of its contracts. */
export interface TimsClassParameters {
  readonly underlying: string;
  /** The lower and the upper limit of the valuation points as fractions, both positive. */
  readonly down: number;
  readonly up: number;
  /** The minimum charge per unit of an option or future, as a share of the index price. */
  readonly minimumRate: number;
}

/** A group of underlyings. Gains on one of them offset losses on the others at the same point in part. */
export interface TimsProductGroupParameters {
  readonly name: string;
  readonly underlyings: readonly string[];
  /** The share of the lesser of gains and losses that offsets, 0 to 1. */
  readonly offset: number;
}

/** The parameters of the method `tims`. */
export interface TimsMethodParameters extends SizedParameters {
  readonly label: string;
  /** The number of valuation points, which is even. Half of the points are down moves and half up moves. */
  readonly pointCount: number;
  /** The classes by underlying, each once. `*` serves every underlying that is not listed. */
  readonly classes: readonly TimsClassParameters[];
  /** An underlying is in at most one group, and one in no group offsets nothing. */
  readonly productGroups: readonly TimsProductGroupParameters[];
  /**
   * The share of the lesser of gains and losses that offsets between product groups. It is at most the offset of each
   * group.
   */
  readonly portfolioOffset: number;
}

const classBounds: ObjectBounds<TimsClassParameters> = {
  kind: "object",
  members: {
    underlying,
    down: { kind: "number", above: 0, below: 1 },
    up: { kind: "number", above: 0, most: 10 },
    minimumRate: rate,
  },
};

const groupBounds: ObjectBounds<TimsProductGroupParameters> = {
  kind: "object",
  members: {
    name: { kind: "text", longest: 64 },
    underlyings: { kind: "list", of: symbol, fewest: 1, most: 64 },
    offset: rate,
  },
};

export const timsBounds: ObjectBounds<TimsMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    label,
    pointCount: { kind: "number", least: 2, most: 128, isWhole: true, multipleOf: 2 },
    classes: rows(classBounds, 1),
    productGroups: { kind: "list", of: groupBounds, fewest: 0, most: 64 },
    portfolioOffset: rate,
  },
  rules: ({ classes, productGroups, portfolioOffset }) => {
    const names = classes.map((entry) => entry.underlying);
    const refusals: Refusal[] = refuseRepeats(names, (index) => ["classes", index, "underlying"]);
    refusals.push(...refuseSharedMembers(productGroups, "productGroups"));
    for (const [index, { offset }] of productGroups.entries()) {
      if (portfolioOffset <= offset) continue;
      const allowed = `at most the offset inside each group; that of group ${index} is ${offset}`;
      refusals.push({ path: ["portfolioOffset"], value: portfolioOffset, allowed });
    }
    return refusals;
  },
};
