import { type MarginMethod, type MethodRegistration, optionValueUsd, readsHoldings } from "../margin-method.ts";
import { standardRules, sumRules, termsOf } from "../standard/method.ts";
import type { StandardMethodParameters } from "../standard/parameters.ts";
import { standardParameterRules } from "../standard/shipped.ts";

/**
 * Builds the method that applies the standard rules to each position separately. What one position has gained beyond
 * its own requirement pays for no other position. That gain is charged as the component `locked_profit`, because the
 * margin balance that all methods share includes it.
 */
function buildIsolatedMethod(parameters: StandardMethodParameters): MarginMethod {
  return {
    ...standardRules(parameters),
    isAdditive: parameters.size.length === 0,
    unit: readsHoldings((unit) => {
      const terms = termsOf(parameters, unit.underlying);
      const totals = { initial: 0, maintenance: 0, futures: 0, options: 0, relief: 0, value: 0, locked: 0 };
      for (const holding of unit.holdings) {
        const rules = sumRules(unit.underlying, [holding], terms);
        const value = optionValueUsd([holding]);
        const gain = holding.unrealisedProfitUsd;
        const initial = rules.initial + value;
        totals.initial += Math.max(initial, gain);
        totals.maintenance += Math.max(rules.maintenance + value, gain);
        totals.futures += rules.futures;
        totals.options += rules.options;
        totals.relief += rules.relief;
        totals.value += value;
        totals.locked += Math.max(0, gain - initial);
      }
      return {
        initial: totals.initial,
        maintenance: totals.maintenance,
        components: [
          { name: "futures_margin", amount: totals.futures },
          { name: "short_option_margin", amount: totals.options },
          { name: "spread_relief", amount: totals.relief },
          { name: "option_value", amount: totals.value },
          { name: "locked_profit", amount: totals.locked },
        ],
        worstScenario: null,
      };
    }),
  };
}

export const isolatedMethod: MethodRegistration<StandardMethodParameters> = {
  formulas: 3,
  ...standardParameterRules,
  build: buildIsolatedMethod,
};
