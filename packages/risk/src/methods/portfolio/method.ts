import { offsetLosses, offsetRule } from "../common/offsets.ts";
import { type MethodRegistration, plainMethod, supportsAll } from "../margin-method.ts";
import { scanFactors, scannedTerms } from "../unit-measure.ts";
import { jointTerms } from "../var/method.ts";
import type { PortfolioMethodParameters } from "./parameters.ts";
import { greatestBalanceLoss, measurePortfolioUnit } from "./requirement.ts";
import { portfolioParameterRules } from "./shipped.ts";

/**
 * The method `portfolio` scans what a pool holds on each underlying and adds charges for risks that the scan cannot
 * see. If `floorBy` is set, the requirement is at least what the joint scenarios require.
 */
export const portfolioMethod: MethodRegistration<PortfolioMethodParameters> = {
  ...portfolioParameterRules,
  formulas: 4,
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
      measurePool: offsetRule(offsets),
      hasJointFloor: floorBy !== null,
      isWithinLoss: true,
      measuredTogether: floorBy === null ? offsets.map(({ underlyings }) => underlyings) : "all",
      orderSearch: floorBy === null ? "by_scenario" : "by_subset",
    };
  },
};
