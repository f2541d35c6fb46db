import type { ParameterRules, Refusal } from "../bounds.ts";
import type { SizeParameters } from "../size/parameters.ts";
import { type PortfolioMethodParameters, portfolioBounds } from "./parameters.ts";

/**
 * Asks for at least 5 basis points of the notional of futures and 3 of options sold, because a fully hedged pool still
 * has to be unwound. The rates, which are near a venue's taker fees, are our choice, and so is asking for them.
 */
const hedgedIsNotFree: SizeParameters = {
  underlying: "*",
  openInterest: { notionalUsd: 0, lowerUsd: 0, upperUsd: 0 },
  concentration: { freeUsd: 0, ratePerMillionUsd: 0, maximumRate: 0 },
  liquidation: { futureRate: 0, optionRate: 0, impactPerRootMillionUsd: 0 },
  minimum: { futureRate: 0.0005, shortOptionRate: 0.0003 },
};

/**
 * The bounds and the shipped parameters of the method `portfolio`. No offsets ship, because the correlation between
 * coins is for an operator to state.
 */
export const portfolioParameterRules: ParameterRules<PortfolioMethodParameters> = {
  bounds: portfolioBounds,
  shipped: { size: [hedgedIsNotFree], offsets: [], floorBy: null },
  refuseScans: ({ offsets }, scan) => {
    const shapes = new Map(
      scan.map((row) => [row.underlying, `${row.priceStepsPerSide} steps, ${row.extendedMoves.length} far moves`]),
    );
    const shapeOf = (underlying: string) => shapes.get(underlying) ?? shapes.get("*") ?? "no scan";
    return offsets.flatMap(({ underlyings }, index) => {
      const wanted = shapeOf(underlyings[0] ?? "*");
      return underlyings.flatMap((value, member): Refusal[] => {
        if (shapeOf(value) === wanted) return [];
        const allowed = `an underlying whose scan has a grid of one shape with the first: ${wanted}, not ${shapeOf(value)}`;
        return [{ path: ["offsets", index, "underlyings", member], value, allowed }];
      });
    });
  },
};
