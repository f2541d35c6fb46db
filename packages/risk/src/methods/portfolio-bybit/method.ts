import { namedScenario, poolViewOf } from "../common/balances.ts";
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
import type { BybitMethodParameters } from "./parameters.ts";
import { computeBybitRequirement, priceBybitScenarios } from "./requirement.ts";
import { bybitParameterRules } from "./shipped.ts";

/** Builds the method after Bybit's portfolio margin: the maximum loss and its contingencies. */
function buildBybitMethod({ coins }: BybitMethodParameters): MarginMethod {
  const rows = coins.map((terms) => ({ underlying: terms.scan.underlying, terms }));
  const scenarios = rememberByPrices(({ underlying, asOfMs }) => {
    const parameters = findRow(rows, underlying)!.terms;
    return { parameters, priced: priceBybitScenarios(underlying, parameters, asOfMs) };
  });
  return {
    ...plainMethod,
    ...supports("parameters after Bybit", (underlying) => findRow(rows, underlying) !== undefined),
    unit: readsHoldings((unit) => {
      const { parameters, priced } = scenarios(unit);
      const { indexPrice, asOfMs } = unit;
      const requirement = computeBybitRequirement(
        inUsDollars(unit),
        parameters,
        indexPrice,
        asOfMs,
        priced,
        poolViewOf(unit),
      );
      const { components, initialMargin, maintenanceMargin, worstLabel } = requirement;
      const loss = components.find(({ name }) => name === "maximum_loss")?.amount ?? 0;
      return {
        initial: initialMargin,
        maintenance: maintenanceMargin,
        components: [...components, { name: "initial_addition", amount: initialMargin - maintenanceMargin }],
        worstScenario: namedScenario(priced.set, worstLabel, loss),
      };
    }),
  };
}

export const bybitMethod: MethodRegistration<BybitMethodParameters> = {
  ...bybitParameterRules,
  formulas: 3,
  build: buildBybitMethod,
};
