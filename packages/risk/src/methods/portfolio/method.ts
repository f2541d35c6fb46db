import type { Refusal } from "../bounds.ts";
import { offsetLosses, offsetRule } from "../common/offsets.ts";
import { scanFactors, scannedTerms } from "../common/scan-factors.ts";
import { type MethodRegistration, plainMethod, supportsAll } from "../margin-method.ts";
import type { SizeParameters } from "../size/parameters.ts";
import { jointTerms } from "../var/method.ts";
import { type PortfolioMethodParameters, portfolioBounds } from "./parameters.ts";
import { greatestBalanceLoss, measurePortfolioUnit } from "./requirement.ts";

/**
 * 5 basis points of futures and 3 of options sold, Deribit's taker fees as remembered: a book that is hedged in full still has
 * to be unwound. Our choice.
 */
const hedgedIsNotFree: SizeParameters = {
  underlying: "*",
  openInterest: { notionalUsd: 0, lowerUsd: 0, upperUsd: 0 },
  concentration: { freeUsd: 0, ratePerMillionUsd: 0, maximumRate: 0 },
  liquidation: { futureRate: 0, optionRate: 0, impactPerRootMillionUsd: 0 },
  minimum: { futureRate: 0.0005, shortOptionRate: 0.0003 },
};

/** The scan of what an account holds on each underlying, with charges for what it cannot see, and a floor where one is set. */
export const portfolioMethod: MethodRegistration<PortfolioMethodParameters> = {
  formulas: 4,
  bounds: portfolioBounds,
  // A correlation between coins is for an operator to state: no offsets ship.
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
  restsOn: ({ floorBy }, set) => ({ ...scannedTerms(set), ...(floorBy !== null && jointTerms(set)) }),
  build: ({ offsets, floorBy }, set) => {
    const factors = scanFactors(set);
    return {
      ...plainMethod,
      ...supportsAll,
      unit: {
        reads: "risk_arrays",
        measure: (losses, prices, exposure, poolPriceUsd) => {
          const measure = measurePortfolioUnit(losses, prices.set, prices.scan, exposure, set);
          return offsetLosses(measure, offsets, prices, losses, factors, poolPriceUsd);
        },
        askedForBalance: (scenarios, poolIsCoin) => {
          const loss = greatestBalanceLoss(scenarios)[poolIsCoin ? "inCoin" : "inCash"];
          return { initial: loss * factors.initial, maintenance: loss * factors.maintenance };
        },
      },
      measureAccount: offsetRule(offsets),
      hasJointFloor: floorBy !== null,
      isWithinLoss: true,
      measuredTogether: floorBy === null ? offsets.map(({ underlyings }) => underlyings) : "all",
      orderSearch: floorBy === null ? "by_scenario" : "by_subset",
    };
  },
};
