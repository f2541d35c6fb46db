import type { ParameterRules } from "../bounds.ts";
import { majors } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import type { AccountRatioMethodParameters, AccountRatioParameters, MaintenanceBracket } from "./parameters.ts";
import { accountRatioBounds } from "./parameters.ts";

/**
 * The bounds after Binance's published rules of the unified maintenance margin ratio, not the venue's own number
 * (docs/sources.md, Binance account ratio). An account is free from 1.5 on, warned from 1.2 to 1.5, and may only reduce
 * from 1.05 to 1.2. At 1.05 and below it is liquidated.
 */
export const binanceAccountRatio: AccountRatioParameters = {
  label: "after Binance's published rules of the unified maintenance margin ratio; not the venue's own number",
  warningRatio: 1.5,
  reduceOnlyRatio: 1.2,
  liquidationRatio: 1.05,
};

/**
 * The maintenance rates on borrowed assets by the leverage of the account, after Binance (docs/sources.md,
 * Binance account ratio).
 */
export const loanMaintenanceRates: readonly { readonly leverage: number; readonly rate: number }[] = [
  { leverage: 3, rate: 0.1 },
  { leverage: 5, rate: 0.08 },
  { leverage: 10, rate: 0.05 },
];

/**
 * The maintenance rates by notional in US dollars, as Binance announced them for BTCUSDT on 18 March 2021 (docs/sources.md,
 * Binance account ratio).
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
