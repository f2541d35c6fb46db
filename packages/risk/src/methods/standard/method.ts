import {
  findRow,
  type MarginMethod,
  type MethodInstrument,
  type MethodRegistration,
  optionValueUsd,
  plainMethod,
  readsHoldings,
  supports,
} from "../margin-method.ts";
import type { StandardMethodParameters, StandardParameters } from "./parameters.ts";
import { computeStandardRequirement } from "./requirement.ts";
import { standardParameterRules } from "./shipped.ts";

/**
 * Builds the rule-based method after Deribit's standard margin. It margins each position by itself, and all of them
 * share one pool.
 */
function buildStandardMethod(parameters: StandardMethodParameters): MarginMethod {
  return {
    ...standardRules(parameters),
    isAdditive: parameters.size.length === 0 && parameters.spreadRelief === "none",
    unit: readsHoldings((unit) => {
      const rules = sumRules(unit.underlying, unit.holdings, termsOf(parameters, unit.underlying));
      const value = optionValueUsd(unit.holdings);
      return {
        initial: rules.initial + value,
        maintenance: rules.maintenance + value,
        components: [
          { name: "futures_margin", amount: rules.futures },
          { name: "short_option_margin", amount: rules.options },
          { name: "spread_relief", amount: rules.relief },
          { name: "option_value", amount: value },
        ],
        worstScenario: null,
      };
    }),
  };
}

/** Returns the members that the methods `standard` and `isolated` share. */
export function standardRules({ futures }: StandardMethodParameters) {
  return {
    ...plainMethod,
    chargesBalances: false,
    ...supports("standard rates", (underlying) => findRow(futures, underlying) !== undefined),
  };
}

/** Returns the terms of one underlying, which must have a row in `futures` or be served by `*`. */
export function termsOf(
  { futures, options, spreadRelief }: StandardMethodParameters,
  underlying: string,
): StandardParameters {
  const { initial, maintenance } = findRow(futures, underlying)!;
  return { futures: { initial, maintenance }, options, spreadRelief };
}

/**
 * Returns what the rules ask for the holdings on one underlying, in US dollars. `futures`, `options` and `relief` are
 * the components of the initial margin.
 */
export function sumRules(underlying: string, holdings: readonly MethodInstrument[], parameters: StandardParameters) {
  const prices = new Map(
    holdings.map(({ quoted, settlementPriceUsd }) => {
      const { settlement, quoteCurrency } = quoted.instrument;
      return [settlement === "inverse" ? underlying : quoteCurrency, settlementPriceUsd];
    }),
  );
  const sums = { initial: 0, maintenance: 0, futures: 0, options: 0, relief: 0 };
  for (const { currency, initial, maintenance, components } of computeStandardRequirement(holdings, parameters)) {
    const price = prices.get(currency) ?? Number.NaN;
    sums.initial += initial * price;
    sums.maintenance += maintenance * price;
    for (const { name, amount } of components) {
      if (name === "futures_margin") sums.futures += amount * price;
      else if (name === "spread_relief") sums.relief += amount * price;
      else sums.options += amount * price;
    }
  }
  return sums;
}

export const standardMethod: MethodRegistration<StandardMethodParameters> = {
  ...standardParameterRules,
  formulas: 3,
  build: buildStandardMethod,
};
