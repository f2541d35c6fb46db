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
import { unsized } from "../size/parameters.ts";
import type { ParadexMethodParameters } from "./parameters.ts";
import { paradexBounds } from "./parameters.ts";
import {
  computeParadexRequirement,
  paradexFeeProvision,
  paradexParameters,
  priceParadexScenarios,
} from "./requirement.ts";

/**
 * After Paradex's portfolio margin: 24 weighted scenarios, the least on delta and the fee provision. The provision for 8 hours
 * of expected funding is what the parameter set charges in every method.
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
  formulas: 3,
  bounds: paradexBounds,
  // The page names the fee provision without a rate: 3 basis points, options capped at an eighth of their mark. Our choice.
  shipped: { ...unsized, ...paradexParameters, feeProvisionRate: 0.0003, optionFeeCapRate: 0.125 },
  build: buildParadexMethod,
};
