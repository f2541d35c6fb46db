import type { ParameterSet } from "../../model/index.ts";
import { scannedTerms } from "../common/scan-factors.ts";
import { type MethodRegistration, plainMethod, supportsAll } from "../margin-method.ts";
import type { VarMethodParameters } from "./parameters.ts";
import { jointParametersOf } from "./prepare-scenarios.ts";
import { varParameterRules } from "./shipped.ts";

/**
 * The method `var` asks nothing of an underlying by itself: the engine measures the whole account in joint scenarios and adds
 * what they require (engine/joint).
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

/** What a requirement rests on that is measured in joint scenarios. */
export function jointTerms(set: ParameterSet): object {
  return { floor: jointParametersOf(set), scenarioSets: set.scenarioSets };
}
