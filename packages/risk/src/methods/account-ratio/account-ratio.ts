import type { AccountRatioParameters, MaintenanceBracket } from "./parameters.ts";
/** One asset of an account under an account-ratio method. */
export interface RatioAsset {
  readonly asset: string;
  /** Assets - loans + futures balance + unrealised profit, units of the asset; negative is owed. */
  readonly netQuantity: number;
  /** US dollars per unit. */
  readonly indexPrice: number;
  /** Share of a positive value that counts, 0 to 1. */
  readonly collateralRate: number;
}

/**
 * After Binance's published rules of the unified maintenance margin ratio; not the venue's own number
 * (docs/sources.md, Binance account ratio). Above 1.5 free, 1.2 to 1.5 warned, 1.05 to 1.2 reduce only; that 1.05 and
 * below means liquidation is from memory.
 */
export const binanceAccountRatio: AccountRatioParameters = {
  label: "after Binance's published rules of the unified maintenance margin ratio; not the venue's own number",
  warningRatio: 1.5,
  reduceOnlyRatio: 1.2,
  liquidationRatio: 1.05,
};

export interface AccountRatio {
  /** US dollars, after collateral rates and open losses. */
  readonly adjustedEquity: number;
  readonly maintenanceMargin: number;
  /** Adjusted equity / maintenance margin; null when nothing is required. Falls towards danger, unlike margin_ratio. */
  readonly accountRatio: number | null;
  readonly state: "free" | "warning" | "reduce_only" | "liquidation";
}

/**
 * Adjusted equity: sum of min(value x collateral rate, value), so that what is owed counts in full, less the loss that
 * open orders would realise (docs/sources.md, Binance account ratio).
 */
export function adjustedEquity(assets: readonly RatioAsset[], openLoss = 0): number {
  let equity = 0;
  for (const { asset, netQuantity, indexPrice, collateralRate } of assets) {
    if (!(collateralRate >= 0 && collateralRate <= 1)) {
      throw new RangeError(`Account ratio: collateralRate of ${asset} is ${collateralRate}; it must be 0 to 1`);
    }
    const value = netQuantity * indexPrice;
    equity += Math.min(value * collateralRate, value);
  }
  return equity - openLoss;
}

/** The ratio and the state it puts the account in; without a requirement the account is free unless it owes. */
export function computeAccountRatio(
  equity: number,
  maintenanceMargin: number,
  parameters: AccountRatioParameters,
): AccountRatio {
  const accountRatio = maintenanceMargin === 0 ? null : equity / maintenanceMargin;
  const compared = accountRatio ?? (equity < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  let state: AccountRatio["state"] = "free";
  if (compared <= parameters.liquidationRatio) state = "liquidation";
  else if (compared < parameters.reduceOnlyRatio) state = "reduce_only";
  else if (compared < parameters.warningRatio) state = "warning";
  return { adjustedEquity: equity, maintenanceMargin, accountRatio, state };
}

/**
 * Maintenance margin of a notional under brackets: |notional| x rate of its bracket - the maintenance amount that makes
 * the schedule continuous, which is the same as charging each slice at its own rate (Binance;
 * docs/sources.md, Binance account ratio). Brackets start at 0 and rise in both columns.
 */
export function bracketedMaintenance(notional: number, brackets: readonly MaintenanceBracket[]): number {
  const size = Math.abs(notional);
  if (brackets[0]?.from !== 0) throw new RangeError("Maintenance brackets: the first must start at 0");
  let margin = 0;
  for (const [index, { from, rate }] of brackets.entries()) {
    const until = brackets[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    if (!(until > from && rate >= 0))
      throw new RangeError(`Maintenance brackets: bracket ${index} from ${from} at ${rate} does not rise`);
    if (size > from) margin += (Math.min(size, until) - from) * rate;
  }
  return margin;
}

/** The maintenance amounts (`cum`) of a schedule: cum of a bracket = cum of the one before + from x (rate - rate before). */
export function maintenanceAmounts(brackets: readonly MaintenanceBracket[]): number[] {
  let amount = 0;
  return brackets.map(({ from, rate }, index) => {
    if (index > 0) amount += from * (rate - brackets[index - 1]!.rate);
    return amount;
  });
}

/**
 * Maintenance rates on borrowed assets by leverage of the account, after Binance
 * (docs/sources.md, Binance account ratio).
 */
export const loanMaintenanceRates: readonly { readonly leverage: number; readonly rate: number }[] = [
  { leverage: 3, rate: 0.1 },
  { leverage: 5, rate: 0.08 },
  { leverage: 10, rate: 0.05 },
];
