import { type ObjectBounds, rate, refuseSharedMembers, symbol } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** Underlyings whose scan gains offset scan losses of each other. */
export interface OffsetGroup {
  readonly name: string;
  readonly underlyings: readonly string[];
  /** Share of a gain that offsets losses of the others in the same scenario, 0 to 1. */
  readonly gainShare: number;
  /**
   * 0: all move through their grids together; 1: each stands alone, no credit; between, blended
   * (docs/sources.md, Variational decorrelation).
   */
  readonly decorrelation: number;
}

/** What the method `portfolio` has besides the scans of the set. */
export interface PortfolioMethodParameters extends SizedParameters {
  /** An underlying is in one group at most; one in none offsets nothing. Scans of a group have grids of one shape. */
  readonly offsets: readonly OffsetGroup[];
  /** A method whose requirement the whole pool must meet at least; null for none. */
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
    // Absent in sets from before it existed, which had no floor.
    floorBy: { kind: "nullable", of: { kind: "choice", of: ["var"] }, whenAbsent: null },
  },
  rules: ({ offsets }) => refuseSharedMembers(offsets, "offsets"),
};
