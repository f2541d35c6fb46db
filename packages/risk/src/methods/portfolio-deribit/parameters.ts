import type { ScanParameters } from "../../model/scan.ts";
import { label, nonNegative, type ObjectBounds, type Refusal, rate, refuseRepeats, rows } from "../bounds.ts";
import { scanBounds } from "../common/scan-bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** The parameters of Deribit's portfolio margin for one currency: its scan and what is added to the scan. */
export interface DeribitPmeParameters {
  readonly label: string;
  /** The grid, the extended moves, the dampener and the roll (calendar) moves. */
  readonly scan: ScanParameters;
  /** The share of a gain that counts, 0 to 1, and the greatest gain that may count after that cut, in US dollars. */
  readonly pnlOffset: number;
  readonly maximumOffsettablePnlUsd: number;
  readonly deltaShock: DeribitDeltaShock;
  /** The maintenance margin as a share of the risk matrix margin, which is the initial margin. */
  readonly maintenanceFactor: number;
}

/** The charge on deltas that are too large to be closed at the mark. */
export interface DeribitDeltaShock {
  /** The delta in US dollars up to which nothing is charged. */
  readonly thresholdUsd: number;
  /** The increase of the charged share of the index price, per unit of delta above the threshold. */
  readonly slopePerUnit: number;
  /** The greatest share of the index price that is charged. */
  readonly maximumRate: number;
}

/** The parameters of the method `portfolio_deribit`. */
export interface DeribitMethodParameters extends SizedParameters {
  /**
   * The parameters of the currencies, one row per `scan.underlying`. All rows have grids of one shape. No other
   * underlying is margined.
   */
  readonly currencies: readonly DeribitPmeParameters[];
  /**
   * How independently the currencies are assumed to move, 0 to 1. At 0 all currencies move through the grid together,
   * and gains offset losses by their `pnlOffset`. At 1 nothing offsets between currencies. Between 0 and 1 the two
   * requirements are blended (docs/sources.md, Variational decorrelation).
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
