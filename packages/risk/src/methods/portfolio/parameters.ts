import type { SizedParameters } from "../size/parameters.ts";

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

/** What the method `static` has besides the rates of the scans. */
export type StaticMethodParameters = SizedParameters;
