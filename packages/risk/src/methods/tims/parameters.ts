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

/** How far one underlying is valued, and what its contracts cost at least. */
export interface TimsClassParameters {
  readonly underlying: string;
  /** Lower and upper limit of the valuation points as fractions, both positive. */
  readonly down: number;
  readonly up: number;
  /** Minimum charge per unit of an option or future, share of the index. */
  readonly minimumRate: number;
}

/** Underlyings whose gains offset losses of each other at the same point in part. */
export interface TimsProductGroupParameters {
  readonly name: string;
  readonly underlyings: readonly string[];
  /** Share of the lesser of gains and losses that offsets, 0 to 1. */
  readonly offset: number;
}

/** The method `tims`. */
export interface TimsMethodParameters extends SizedParameters {
  readonly label: string;
  /** Valuation points, an even number: half of them down, half up. */
  readonly pointCount: number;
  /** By underlying, each once; `*` serves any not listed. */
  readonly classes: readonly TimsClassParameters[];
  /** An underlying is in one group at most; one in none offsets nothing. */
  readonly productGroups: readonly TimsProductGroupParameters[];
  /** The same share between product groups. */
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
