import { type MethodRegistration, plainMethod, supportsAll } from "../margin-method.ts";
import { scannedTerms } from "../unit-measure.ts";
import type { StaticMethodParameters } from "./parameters.ts";
import { measureStaticUnit } from "./requirement.ts";
import { staticParameterRules } from "./shipped.ts";

const nothing = { initial: 0, maintenance: 0 };

/** The baseline method `static` asks for fixed shares of the gross notional. Its rates are our own choice. */
export const staticMethod: MethodRegistration<StaticMethodParameters> = {
  ...staticParameterRules,
  formulas: 3,
  restsOn: (_, set) => scannedTerms(set),
  build: ({ size }) => ({
    ...plainMethod,
    ...supportsAll,
    unit: {
      reads: "risk_arrays",
      measure: (_, { scan }, exposure) => measureStaticUnit(scan, exposure),
      askedForBalance: () => nothing,
    },
    chargesBalances: false,
    isWithinLoss: true,
    isAdditive: size.length === 0,
  }),
};
