import type { AccountRatioParameters, MaintenanceBracket } from "./parameters.ts";
/** One asset of a pool under an account-ratio method. */
export interface RatioAsset {
  readonly asset: string;
  /**
   * The assets - loans + futures balance + unrealised profit, in units of the asset. Negative means
   * that the asset is owed.
   */
  readonly netQuantity: number;
  /** The price of one unit in US dollars. */
  readonly indexPrice: number;
  /** The share of a positive value that counts as equity, 0 to 1. */
  readonly collateralRate: number;
}

export interface AccountRatio {
  /** The adjusted equity in US dollars, after collateral rates and the losses of open orders. */
  readonly adjustedEquity: number;
  readonly maintenanceMargin: number;
  /**
   * The adjusted equity / maintenance margin, or null when nothing is required. Unlike the margin ratio, it
   * falls towards danger.
   */
  readonly accountRatio: number | null;
  readonly state: "free" | "warning" | "reduce_only" | "liquidation";
}

/**
 * Computes the adjusted equity in US dollars: the sum of min(value x collateral rate, value), less the loss that open
 * orders would realise. A negative value, which is owed, therefore counts in full (docs/sources.md, Binance account
 * ratio). Throws a RangeError if a collateral rate is not 0 to 1.
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

/**
 * Computes the account ratio and the state that follows from it. Without a requirement the state is `free`, or
 * `liquidation` when the equity is below 0.
 */
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
 * Computes the maintenance margin of a notional: |notional| x rate of its bracket - the maintenance amount that makes
 * the schedule continuous. This is the same as charging each slice of the notional at its own rate (Binance;
 * docs/sources.md, Binance account ratio). The brackets start at 0 and rise in both columns; otherwise the function
 * throws a RangeError.
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
