import type { ComponentName } from "../../model/index.ts";
import { namedScenario, poolViewOf } from "../common/balances.ts";
import type { NamedAmount } from "../common/holding.ts";
import { okxStablecoinRisk, quoteCashDeltas, stablecoinPrices } from "../common/stablecoins.ts";
import {
  type Debt,
  inUsDollars,
  type MarginMethod,
  type MethodInstrument,
  type MethodRegistration,
  type PoolCharge,
  plainMethod,
  readsHoldings,
  rememberByPrices,
  supports,
} from "../margin-method.ts";
import type { BorrowingRates, OkxCoinList, OkxMethodParameters } from "./parameters.ts";
import { computeOkxRequirement, priceOkxScenarios } from "./requirement.ts";
import { okxParameterRules } from "./shipped.ts";

/**
 * Builds the method after OKX's portfolio margin, modules MR1 to MR9. MR8 (borrowing) is charged per pool, all others
 * per underlying.
 */
function buildOkxMethod({ lists, depeg, borrowing }: OkxMethodParameters): MarginMethod {
  const scenarios = rememberByPrices(({ underlying, asOfMs }) => {
    const parameters = findList(lists, underlying)!;
    return { parameters, priced: priceOkxScenarios(underlying, parameters, asOfMs) };
  });
  return {
    ...plainMethod,
    ...supports("parameters after OKX", (underlying) => findList(lists, underlying) !== undefined),
    unit: readsHoldings((unit) => {
      const { parameters, priced } = scenarios(unit);
      const { indexPrice, asOfMs } = unit;
      const held = inUsDollars(unit);
      const cashDeltas = quoteCashDeltas(held, indexPrice, asOfMs);
      const requirement = computeOkxRequirement(
        held,
        parameters,
        indexPrice,
        asOfMs,
        okxStablecoinRisk(cashDeltas, stablecoinPrices(linearPrices(unit.holdings)), depeg),
        priced,
        poolViewOf(unit),
      );
      const amounts = new Map(requirement.modules.map(({ name, amount }) => [name, amount]));
      const core = Math.max(amounts.get("mr1")!, amounts.get("mr2")!, amounts.get("mr6")!);
      const components: NamedAmount<ComponentName>[] = [
        { name: "okx_core_risk", amount: core },
        { name: "okx_vega_term_structure", amount: amounts.get("mr3")! },
        { name: "okx_basis", amount: amounts.get("mr4")! },
        { name: "okx_interest_rate", amount: amounts.get("mr5")! },
        { name: "okx_stablecoin", amount: amounts.get("mr9")! },
      ];
      const charged = components.reduce((sum, { amount }) => sum + amount, 0);
      const { maintenanceMargin, initialMargin, worstLabel } = requirement;
      components.push(
        { name: "minimum_charge", amount: maintenanceMargin - charged },
        { name: "initial_addition", amount: initialMargin - maintenanceMargin },
      );
      return {
        initial: initialMargin,
        maintenance: maintenanceMargin,
        components,
        worstScenario: namedScenario(priced.set, worstLabel, amounts.get("mr1")!),
      };
    }),
    chargesLoans: true,
    measuredTogether: "all",
    measurePool: (_, debts) => debts.map((debt) => chargeDebt(debt, borrowing)),
  };
}

function findList(lists: readonly OkxCoinList[], underlying: string): OkxCoinList | undefined {
  return (
    lists.find(({ underlyings }) => underlyings.includes(underlying)) ??
    lists.find(({ underlyings }) => underlyings.includes("*"))
  );
}

/** Returns a pair for each linear position: its quote currency and the US dollars per unit of that currency. */
function linearPrices(holdings: readonly MethodInstrument[]): [string, number][] {
  return holdings.flatMap(({ quoted: { instrument }, settlementPriceUsd }) =>
    instrument.settlement === "linear" ? [[instrument.quoteCurrency, settlementPriceUsd] as [string, number]] : [],
  );
}

/**
 * Returns the charge of MR8 for one debt, which is a share of its value. Throws a RangeError if there are no rates for
 * the asset.
 */
function chargeDebt({ asset, valueUsd }: Debt, rates: readonly BorrowingRates[]): PoolCharge {
  const own = rates.find((row) => row.asset === asset) ?? rates.find((row) => row.asset === "*");
  if (own === undefined) throw new RangeError(`OKX borrowing: no rates for ${asset}; add them, or some for *`);
  return {
    name: "borrowing_margin",
    underlying: asset,
    initial: valueUsd * own.initialRate,
    maintenance: valueUsd * own.maintenanceRate,
  };
}

export const okxMethod: MethodRegistration<OkxMethodParameters> = {
  ...okxParameterRules,
  formulas: 3,
  build: buildOkxMethod,
};
