import { findRow, type MarginMethod, type MethodHolding, optionValueUsd, supports } from "../margin-method.ts";
import type { StandardMethodParameters, StandardParameters } from "./parameters.ts";
import { computeStandardRequirement } from "./requirement.ts";

/** Rule-based margin after Deribit's standard margin, each position by itself, in one pool. */
export function buildStandardMethod(parameters: StandardMethodParameters): MarginMethod {
  return {
    ...shared(parameters),
    measure: (unit) => {
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
    },
  };
}

/**
 * The standard rules with a wall around each position: what one has gained beyond its own requirement pays for no other. The
 * gain that is locked is a component, so that the balance all methods share can stay.
 */
export function buildIsolatedMethod(parameters: StandardMethodParameters): MarginMethod {
  return {
    ...shared(parameters),
    measure: (unit) => {
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
    },
  };
}

function shared({ futures }: StandardMethodParameters) {
  return {
    ...supports("standard rates", (underlying) => findRow(futures, underlying) !== undefined),
    coinPoolFault: null,
    measureAccount: null,
  };
}

function termsOf({ futures, options, spreadRelief }: StandardMethodParameters, underlying: string): StandardParameters {
  const { initial, maintenance } = findRow(futures, underlying)!;
  return { futures: { initial, maintenance }, options, spreadRelief };
}

function sumRules(underlying: string, holdings: readonly MethodHolding[], parameters: StandardParameters) {
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
