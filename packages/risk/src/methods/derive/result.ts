import type { DeriveComponent, DeriveScanResult } from "./holdings.ts";
import { worstOf } from "./scan.ts";

/**
 * Returns the equity with the requirements and surpluses. A requirement is the sum of the components in their order,
 * and a surplus is the equity less the requirement.
 */
export function sumRequirements<Part extends { readonly initial: number; readonly maintenance: number }>(
  equity: number,
  components: readonly Part[],
) {
  const initialRequirement = components.reduce((sum, component) => sum + component.initial, 0);
  const maintenanceRequirement = components.reduce((sum, component) => sum + component.maintenance, 0);
  return {
    equity,
    initialRequirement,
    maintenanceRequirement,
    initialSurplus: equity - initialRequirement,
    maintenanceSurplus: equity - maintenanceRequirement,
  };
}

/** Returns the result of a scan from its equity, losses and components. */
export function scanResult(
  equity: number,
  scenarioLosses: Float64Array,
  basisLoss: number,
  components: readonly DeriveComponent[],
): DeriveScanResult {
  const worst = worstOf(scenarioLosses, basisLoss);
  return {
    ...sumRequirements(equity, components),
    worstLoss: worst.loss,
    worstScenarioIndex: worst.index,
    scenarioLosses,
    basisLoss,
    components,
  };
}
