import type { SizedParameters } from "../size/parameters.ts";

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
