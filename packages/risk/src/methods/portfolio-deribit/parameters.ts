import type { ScanParameters } from "../../model/scan.ts";
import { label, nonNegative, type ObjectBounds, type Refusal, rate, refuseRepeats, rows } from "../bounds.ts";
import { scanBounds } from "../common/scan-bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

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

const currencyBounds: ObjectBounds<DeribitPmeParameters> = {
  kind: "object",
  members: {
    label,
    scan: scanBounds,
    pnlOffset: rate,
    maximumOffsettablePnlUsd: nonNegative,
    deltaShock: {
      kind: "object",
      members: { thresholdUsd: nonNegative, slopePerUnit: rate, maximumRate: rate },
    },
    maintenanceFactor: { kind: "number", above: 0, most: 1 },
  },
};

export const deribitBounds: ObjectBounds<DeribitMethodParameters> = {
  kind: "object",
  members: { ...sized, currencies: rows(currencyBounds, 1), decorrelation: rate },
  rules: ({ currencies }) => {
    const names = currencies.map(({ scan }) => scan.underlying);
    const refusals = refuseRepeats(names, (index) => ["currencies", index, "scan", "underlying"]);
    const [first] = currencies;
    for (const [index, { scan }] of currencies.entries()) {
      if (first === undefined) break;
      for (const [key, value, wanted] of [
        ["priceStepsPerSide", scan.priceStepsPerSide, first.scan.priceStepsPerSide],
        ["extendedMoves", scan.extendedMoves.length, first.scan.extendedMoves.length],
      ] as const) {
        if (value === wanted) continue;
        const allowed = `${wanted}, as in the first: cells are offset one by one`;
        refusals.push({ path: ["currencies", index, "scan", key], value, allowed } satisfies Refusal);
      }
    }
    return refusals;
  },
};
