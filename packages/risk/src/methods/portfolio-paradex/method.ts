import { poolViewOf } from "../common/balances.ts";
import { inUsDollars, type MarginMethod, rememberByPrices, supports } from "../margin-method.ts";
import type { ParadexMethodParameters } from "./parameters.ts";
import { computeParadexRequirement, paradexFeeProvision, priceParadexScenarios } from "./requirement.ts";

/**
 * After Paradex's portfolio margin: 24 weighted scenarios, the least on delta and the fee provision. The provision for 8 hours
 * of expected funding is what the parameter set charges in every method.
 */
export function buildParadexMethod(parameters: ParadexMethodParameters): MarginMethod {
  const scenarios = rememberByPrices(({ asOfMs }) => priceParadexScenarios(parameters, asOfMs));
  return {
    ...supports("parameters after Paradex", () => true),
    coinPoolFault: null,
    measure: (unit) => {
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
    },
    measureAccount: null,
  };
}
