import type { ParameterRules } from "../bounds.ts";
import { majors } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import { binanceAccountRatio, loanMaintenanceRates } from "./account-ratio.ts";
import type { AccountRatioMethodParameters, MaintenanceBracket } from "./parameters.ts";
import { accountRatioBounds } from "./parameters.ts";

/**
 * The maintenance rates by notional in US dollars, as Binance had them for BTCUSDT in 2022. They are from memory and
 * were not found again.
 */
const majorBrackets: readonly MaintenanceBracket[] = [
  { from: 0, rate: 0.004 },
  { from: 50_000, rate: 0.005 },
  { from: 250_000, rate: 0.01 },
  { from: 1_000_000, rate: 0.025 },
  { from: 10_000_000, rate: 0.05 },
  { from: 20_000_000, rate: 0.1 },
  { from: 50_000_000, rate: 0.125 },
  { from: 100_000_000, rate: 0.15 },
  { from: 200_000_000, rate: 0.25 },
  { from: 300_000_000, rate: 0.5 },
];

/** The parameters of the method `account_ratio` as they ship. */
export const accountRatioShipped: AccountRatioMethodParameters = {
  ...unsized,
  ...binanceAccountRatio,
  schedules: majors.map((underlying) => ({ underlying, brackets: majorBrackets })),
  loans: loanMaintenanceRates,
  loanLeverage: 5,
};

export const accountRatioParameterRules: ParameterRules<AccountRatioMethodParameters> = {
  bounds: accountRatioBounds,
  shipped: accountRatioShipped,
};
