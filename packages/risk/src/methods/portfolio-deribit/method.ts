import { balancesOf } from "../common/balances.ts";
import type { NamedScenario } from "../common/holding.ts";
import { creditLosses, type LossNetting } from "../common/offsets.ts";
import {
  findRow,
  inUsDollars,
  type MarginMethod,
  type MethodRegistration,
  plainMethod,
  readsHoldings,
  rememberByPrices,
  supports,
} from "../margin-method.ts";
import type { DeribitMethodParameters } from "./parameters.ts";
import { computeDeribitRequirement, type DeribitRequirement, priceDeribitScenarios } from "./requirement.ts";
import { deribitParameterRules } from "./shipped.ts";

/**
 * Builds the method after Deribit's portfolio margin: PME vectors, extended table, dampener, roll shock and
 * delta shock. Between currencies, gains offset losses cell by cell. A gain counts with the part that
 * `pnlOffset` leaves of it.
 */
function buildDeribitMethod({ currencies, decorrelation }: DeribitMethodParameters): MarginMethod {
  const rows = currencies.map((terms) => ({ underlying: terms.scan.underlying, terms }));
  const scenarios = rememberByPrices(({ underlying, asOfMs }) => {
    const { terms } = findRow(rows, underlying)!;
    const own = { ...terms, scan: { ...terms.scan, underlying } };
    return { parameters: own, priced: priceDeribitScenarios(own, asOfMs) };
  });
  return {
    ...plainMethod,
    ...supports("parameters after Deribit", (underlying) => findRow(rows, underlying) !== undefined),
    unit: readsHoldings((unit) => {
      const { parameters, priced } = scenarios(unit);
      const requirement = computeDeribitRequirement(
        inUsDollars(unit),
        parameters,
        unit.indexPrice,
        unit.asOfMs,
        unit.poolIsCoin ? "coin" : "cash",
        priced,
        balancesOf(unit),
      );
      const rate = unit.poolIsCoin ? unit.indexPrice : 1;
      const { standard, extended } = requirement.aggregated;
      return {
        initial: requirement.initialMargin * rate,
        maintenance: requirement.maintenanceMargin * rate,
        components: requirement.components.map(({ name, amount }) => ({ name, amount: amount * rate })),
        worstScenario: worstDeribitCell(requirement, rate),
        netting: {
          kind: "losses",
          losses: Float64Array.from([...standard, ...extended], (profit) => 0 - profit * rate),
          initialFactor: 1,
          maintenanceFactor: parameters.maintenanceFactor,
        } satisfies LossNetting,
      };
    }),
    measuredTogether: "all",
    measurePool: (units) => creditLosses(units, decorrelation, "currency_offset_credit"),
  };
}

function worstDeribitCell({ worstCell, set }: DeribitRequirement, rate: number): NamedScenario | null {
  if (worstCell === null) return null;
  const { source, bucket, side, profit } = worstCell;
  const index =
    source === "extended"
      ? set.mainCount + bucket - 1
      : 3 * (bucket - 1) + (side === "left" ? 0 : side === "middle" ? 1 : 2);
  return { scenarioId: set.ids[index]!, label: set.labels[index]!, loss: 0 - profit * rate };
}

export const deribitMethod: MethodRegistration<DeribitMethodParameters> = {
  ...deribitParameterRules,
  formulas: 3,
  build: buildDeribitMethod,
};
