import { isDatedOption } from "../../model/product-traits.ts";
import {
  findRow,
  type MarginMethod,
  type MethodRegistration,
  plainMethod,
  readsHoldings,
  supports,
} from "../margin-method.ts";
import { bracketedMaintenance } from "./account-ratio.ts";
import type { AccountRatioMethodParameters } from "./parameters.ts";
import { accountRatioParameterRules } from "./shipped.ts";

/**
 * Builds the method after Binance's unified ratio (adjusted equity / maintenance margin). The maintenance margin is set
 * so that liquidation starts at the liquidation ratio, and the initial margin so that the warning starts at the warning
 * ratio. Each contract has its own brackets and nothing offsets. Debts are charged at the maintenance rate of the
 * leverage at which they are borrowed.
 */
function buildAccountRatioMethod(parameters: AccountRatioMethodParameters): MarginMethod {
  const { schedules, loans, loanLeverage, warningRatio, liquidationRatio } = parameters;
  const loan = loans.find(({ leverage }) => leverage === loanLeverage);
  if (loan === undefined) {
    throw new RangeError(`Account ratio: loanLeverage is ${loanLeverage}; it must be a leverage of the loans`);
  }
  const supported = supports("maintenance brackets", (underlying) => findRow(schedules, underlying) !== undefined);
  return {
    ...plainMethod,
    findUnsupported: (instrument) =>
      isDatedOption(instrument)
        ? "the account ratio after Binance covers futures and perpetuals, no options"
        : supported.findUnsupported(instrument),
    // A debt has one loan rate whatever the coin, and a balance that is held has its haircut, so neither needs a row.
    findMissingTerms: () => null,
    unit: readsHoldings(({ holdings, underlying }) => {
      const schedule = findRow(schedules, underlying);
      let brackets = 0;
      for (const { quoted, quantity, settlementPriceUsd } of holdings) {
        const { instrument, markPrice } = quoted;
        // An inverse contract already states its size in US dollars.
        const perContract = instrument.settlement === "inverse" ? 1 : markPrice * settlementPriceUsd;
        brackets += bracketedMaintenance(quantity * instrument.contractSize * perContract, schedule!.brackets);
      }
      const initial = warningRatio * brackets;
      return {
        initial,
        maintenance: liquidationRatio * brackets,
        components: [
          { name: "maintenance_brackets", amount: brackets },
          { name: "initial_addition", amount: initial - brackets },
        ],
        worstScenario: null,
      };
    }),
    chargesLoans: true,
    measuredTogether: "all",
    measurePool: (_, debts) =>
      debts.map(({ asset, valueUsd }) => ({
        name: "borrowing_margin",
        underlying: asset,
        initial: warningRatio * loan.rate * valueUsd,
        maintenance: liquidationRatio * loan.rate * valueUsd,
      })),
  };
}

export const accountRatioMethod: MethodRegistration<AccountRatioMethodParameters> = {
  ...accountRatioParameterRules,
  formulas: 3,
  build: buildAccountRatioMethod,
};
