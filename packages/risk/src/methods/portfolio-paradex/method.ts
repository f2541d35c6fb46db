import { poolViewOf } from "../common/balances.ts";
import {
  inUsDollars,
  type MarginMethod,
  type MethodRegistration,
  plainMethod,
  readsHoldings,
  rememberByPrices,
  supports,
} from "../margin-method.ts";
import type { ParadexMethodParameters } from "./parameters.ts";
import { computeParadexRequirement, paradexFeeProvision, priceParadexScenarios } from "./requirement.ts";
import { paradexParameterRules } from "./shipped.ts";

/**
 * Builds the method after Paradex's portfolio margin: 24 weighted scenarios, the minimum on delta, and the fee
 * provision. The provision for 8 hours of expected funding is left out, because the parameter set charges it in every
 * method.
 */
function buildParadexMethod(parameters: ParadexMethodParameters): MarginMethod {
  const scenarios = rememberByPrices(({ asOfMs }) => priceParadexScenarios(parameters, asOfMs));
  return {
    ...plainMethod,
    ...supports("parameters after Paradex", () => true),
    unit: readsHoldings((unit) => {
      const held = inUsDollars(unit);
      const requirement = computeParadexRequirement(
        held,
        parameters,
        unit.indexPrice,
        unit.asOfMs,
        { funding: 0, fees: paradexFeeProvision(held, parameters, unit.indexPrice) },
        scenarios(unit),
        poolViewOf(unit),
      );
      const { worstScenario } = requirement;
      return {
        initial: requirement.initialMargin,
        maintenance: requirement.maintenanceMargin,
        components: requirement.components,
        worstScenario: worstScenario && { ...worstScenario, label: `${unit.underlying} ${worstScenario.label}` },
      };
    }),
  };
}

export const paradexMethod: MethodRegistration<ParadexMethodParameters> = {
  ...paradexParameterRules,
  formulas: 3,
  build: buildParadexMethod,
};
