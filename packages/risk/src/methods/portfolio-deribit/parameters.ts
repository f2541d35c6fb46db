import type { ScanParameters } from "../../model/scan.ts";
import type { SizedParameters } from "../size/parameters.ts";

/** What Deribit's portfolio margin adds to a scan. */
export interface DeribitPmeParameters {
  readonly label: string;
  /** The grid, the extended moves, the dampener and the roll (calendar) moves. */
  readonly scan: ScanParameters;
  /** Share of a gain that counts, 0 to 1, and the most that may count. */
  readonly pnlOffset: number;
  readonly maximumOffsettablePnlUsd: number;
  readonly deltaShock: DeribitDeltaShock;
  /** Maintenance margin as a share of the risk matrix margin. */
  readonly maintenanceFactor: number;
}

/** Charge on deltas too large to be closed at the mark. */
export interface DeribitDeltaShock {
  /** Delta in US dollars that is free. */
  readonly thresholdUsd: number;
  /** Share of the index per unit of delta above the threshold. */
  readonly slopePerUnit: number;
  /** Greatest share. */
  readonly maximumRate: number;
}

/** The method `portfolio_deribit`. */
export interface DeribitMethodParameters extends SizedParameters {
  /** By `scan.underlying`, each once and all with grids of one shape; no other underlying is margined. */
  readonly currencies: readonly DeribitPmeParameters[];
  /**
   * How far currencies are taken to move apart, 0 to 1: at 0 all move through the grid together and gains offset losses
   * by their `pnlOffset`; at 1 each stands alone. Between, the two requirements are blended
   * (docs/sources.md, Variational decorrelation).
   */
  readonly decorrelation: number;
}
