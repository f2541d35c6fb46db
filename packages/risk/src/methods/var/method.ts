import type { ParameterSet } from "../../model/index.ts";
import { type MethodRegistration, plainMethod, supportsAll } from "../margin-method.ts";
import { scannedTerms } from "../unit-measure.ts";
import type { VarMethodParameters } from "./parameters.ts";
import { jointParametersOf } from "./prepare-scenarios.ts";
import { varParameterRules } from "./shipped.ts";

/**
 * The method `var` asks nothing of an underlying by itself. The engine measures the whole pool in joint scenarios and
 * adds what they require (engine/joint).
 */
export const varMethod: MethodRegistration<VarMethodParameters> = {
  ...varParameterRules,
  formulas: 2,
  restsOn: (_, set) => ({ ...scannedTerms(set), ...jointTerms(set) }),
  build: () => ({
    ...plainMethod,
    ...supportsAll,
    unit: { reads: "joint_scenarios" },
    isWithinLoss: true,
    measuredTogether: "all",
  }),
};

/** Returns the parameters on which a requirement measured in joint scenarios rests. */
export function jointTerms(set: ParameterSet): object {
  return { floor: jointParametersOf(set), scenarioSets: set.scenarioSets };
}
