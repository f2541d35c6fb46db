import type { VolatilityMoveParameters } from "../../model/index.ts";
import { BASIS_DOWN_COLUMN, BASIS_UP_COLUMN, type DeriveGrid, FIRST_SCENARIO_COLUMN, MARK_COLUMN } from "./grid.ts";
import type { DeriveExpiry, DeriveOption, DerivePortfolio } from "./holdings.ts";
import type { DeriveBasisParameters, DeriveSkewParameters, DeriveTrustParameters } from "./parameters.ts";
import { skewTilts } from "./skew.ts";
import { yearsLeft } from "./time.ts";
import { buildExpiryTerms, type DeriveUnitValues } from "./unit-values.ts";

/** What counts of an expiry's shocked value, by its sign: a haircut when it is owned, a mark-up when it is owed. */
export interface StaticDiscounts {
  readonly owned: number;
  readonly owed: number;
}

/** How a portfolio manager prices an expiry on its grid. */
export interface ExpiryPricing {
  readonly grid: DeriveGrid;
  readonly volatility: VolatilityMoveParameters;
  readonly basis: DeriveBasisParameters;
  readonly skew: DeriveSkewParameters | null;
  readonly unitValues: DeriveUnitValues;
}

/** One expiry of an account before the scan. */
export interface PricedExpiry {
  /** Value now, per column the value in a scenario: sums of unit values times amounts, owed negative. */
  readonly mark: number;
  readonly scenarioValues: Float64Array;
  /** Loss (positive) if the forward leaves its spot, with its factor. */
  readonly basisLoss: number;
  readonly discounts: StaticDiscounts;
  /** Lowest confidence of all feeds the expiry rests on. */
  readonly confidence: number;
  /** Short options that no long option of the same strike covers, units of the underlying. */
  readonly nakedShorts: number;
  /** Options long and short together, units of the underlying. */
  readonly grossOptions: number;
}

/** Prices one arranged expiry on the grid. `accountConfidence` is the lowest confidence of the feeds all expiries share. */
export function priceExpiry(
  expiry: DeriveExpiry,
  accountConfidence: number,
  discountFactor: number,
  discounts: StaticDiscounts,
  pricing: ExpiryPricing,
): PricedExpiry {
  const { grid, basis, skew } = pricing;
  const years = yearsLeft(expiry.secondsToExpiry);
  const tilts = skew === null ? null : skewTilts(Math.sqrt(years), skew);
  const terms = buildExpiryTerms(expiry, discountFactor, grid, pricing.volatility, tilts);
  const values = new Float64Array(FIRST_SCENARIO_COLUMN + grid.scenarios.length);
  let grossOptions = 0;
  for (const option of expiry.options) {
    const unit = pricing.unitValues(option, terms, grid);
    for (let column = 0; column < values.length; column += 1) {
      values[column] = values[column]! + option.amount * unit[column]!;
    }
    grossOptions += Math.abs(option.amount);
  }
  const mark = values[MARK_COLUMN]!;
  const worseMove = Math.min(values[BASIS_UP_COLUMN]! - mark, values[BASIS_DOWN_COLUMN]! - mark, 0);
  return {
    mark,
    scenarioValues: values.subarray(FIRST_SCENARIO_COLUMN),
    basisLoss: Math.abs(worseMove) * (basis.constantFactor + basis.annualFactor * years),
    discounts,
    confidence: Math.min(
      accountConfidence,
      expiry.forwardConfidence,
      expiry.rateConfidence,
      expiry.volatilityConfidence,
    ),
    nakedShorts: nakedShorts(expiry.options),
    grossOptions,
  };
}

/** Shorts of each strike beyond the longs of the other type at that strike; `options` sorted by strike. */
export function nakedShorts(options: readonly DeriveOption[]): number {
  let naked = 0;
  for (let index = 0; index < options.length; ) {
    const { strike } = options[index]!;
    let net = 0;
    for (; index < options.length && options[index]!.strike === strike; index += 1) net += options[index]!.amount;
    naked += Math.max(0, -net);
  }
  return naked;
}

/** Loss of the account in each scenario, dampened. `movingCollateral` is the value that follows the spot price. */
export function scanLosses(
  portfolio: DerivePortfolio,
  expiries: readonly PricedExpiry[],
  movingCollateral: number,
  grid: DeriveGrid,
): Float64Array {
  const { perpetual } = portfolio;
  const perpetualNotional = perpetual === null || perpetual.amount === 0 ? 0 : perpetual.amount * perpetual.markPrice;
  const losses = new Float64Array(grid.scenarios.length);
  for (const [s, { priceMultiplier, volatilityMove, dampening }] of grid.scenarios.entries()) {
    const fall = 1 - priceMultiplier;
    // A skew move may go either way at each expiry, so no expiry's gain pays for another's loss.
    const skewed = volatilityMove === "linear_skew" || volatilityMove === "absolute_skew";
    let loss = (perpetualNotional + movingCollateral) * fall;
    for (const { mark, scenarioValues, discounts } of expiries) {
      const value = scenarioValues[s]!;
      const expiryLoss = mark - value * (value >= 0 ? discounts.owned : discounts.owed);
      loss += skewed ? Math.abs(expiryLoss) : expiryLoss;
    }
    losses[s] = loss * dampening;
  }
  return losses;
}

/** Worst of the basis loss and the scenarios; only a greater loss displaces the basis loss or an earlier scenario. */
export function worstOf(losses: Float64Array, basisLoss: number): { readonly loss: number; readonly index: number } {
  let loss = basisLoss;
  let index = losses.length;
  for (let s = 0; s < losses.length; s += 1) {
    if (losses[s]! > loss) {
      loss = losses[s]!;
      index = s;
    }
  }
  return { loss, index };
}

/** (1 - confidence) x rate of a notional when the confidence is below the threshold, else 0. */
export function confidenceCharge(confidence: number, notional: number, trust: DeriveTrustParameters): number {
  return confidence < trust.confidenceThreshold ? (1 - confidence) * trust.confidenceRate * notional : 0;
}

/** What a stablecoin below its peg adds to the initial factor. */
export function pegSurcharge(stablePrice: number, trust: DeriveTrustParameters): number {
  return Math.max(0, trust.pegThreshold - stablePrice) * trust.pegFactor;
}

/** Lowest confidence of the spot price and, while a position is open, the perpetual's price. */
export function accountConfidence(portfolio: DerivePortfolio): number {
  const { perpetual, spotConfidence } = portfolio;
  return perpetual === null || perpetual.amount === 0 ? spotConfidence : Math.min(spotConfidence, perpetual.confidence);
}
