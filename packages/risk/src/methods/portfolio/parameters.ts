import { type ObjectBounds, rate, refuseSharedMembers, symbol } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** A group of underlyings. Scan gains on one of them offset scan losses on the others. */
export interface OffsetGroup {
  readonly name: string;
  readonly underlyings: readonly string[];
  /** The share of a gain that offsets losses on the other underlyings in the same scenario, 0 to 1. */
  readonly gainShare: number;
  /**
   * At 0, all underlyings move through their grids together. At 1, each stands alone and there is no credit. A value
   * between blends the two (docs/sources.md, Variational decorrelation).
   */
  readonly decorrelation: number;
}

/** The parameters that the method `portfolio` has besides the scans of the parameter set. */
export interface PortfolioMethodParameters extends SizedParameters {
  /**
   * An underlying is in at most one group, and one in no group offsets nothing. All scans of a group have grids of one
   * shape.
   */
  readonly offsets: readonly OffsetGroup[];
  /** The method whose requirement the whole pool must meet at least. Null means that there is no floor. */
  readonly floorBy: "var" | null;
}

const groupBounds: ObjectBounds<OffsetGroup> = {
  kind: "object",
  members: {
    name: { kind: "text", longest: 64 },
    underlyings: { kind: "list", of: symbol, fewest: 2, most: 64 },
    gainShare: rate,
    decorrelation: rate,
  },
};

export const portfolioBounds: ObjectBounds<PortfolioMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    offsets: { kind: "list", of: groupBounds, fewest: 0, most: 64 },
    // Parameter sets from before this member existed lack it, and they had no floor.
    floorBy: { kind: "nullable", of: { kind: "choice", of: ["var"] }, whenAbsent: null },
  },
  rules: ({ offsets }) => refuseSharedMembers(offsets, "offsets"),
};
