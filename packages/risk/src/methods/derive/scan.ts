import type { VolatilityMoveParameters } from "../../model/index.ts";
import {
  BASIS_DOWN_COLUMN,
  BASIS_UP_COLUMN,
  type DeriveGrid,
  FIRST_SCENARIO_COLUMN,
  MARK_COLUMN,
  skewTilts,
} from "./grid.ts";
import type { DeriveComponent, DeriveExpiry, DeriveOption, DerivePortfolio, DeriveScanResult } from "./holdings.ts";
import type { DeriveBasisParameters, DeriveSkewParameters, DeriveTrustParameters } from "./parameters.ts";
import { yearsLeft } from "./time.ts";
import { buildExpiryTerms, type DeriveUnitValues } from "./unit-values.ts";

/**
 * The factors on the shocked value of an expiry. `owned` is a haircut on a positive value, `owed` a mark-up
 * on a negative value.
 */
export interface StaticDiscounts {
  readonly owned: number;
  readonly owed: number;
}

/** The inputs with which a portfolio manager prices an expiry on its grid. */
export interface ExpiryPricing {
  readonly grid: DeriveGrid;
  readonly volatility: VolatilityMoveParameters;
  readonly basis: DeriveBasisParameters;
  readonly skew: DeriveSkewParameters | null;
  readonly unitValues: DeriveUnitValues;
}

/** One expiry of an account with the values that the scan reads. */
export interface PricedExpiry {
  /**
   * The value now, followed by the value in each scenario. Each is the sum of unit values x amounts, and a value that
   * is owed is negative.
   */
  readonly mark: number;
  readonly scenarioValues: Float64Array;
  /** The loss (positive) when the forward moves against its spot price, with its factor. */
  readonly basisLoss: number;
  readonly discounts: StaticDiscounts;
  /** The lowest confidence of all feeds on which the expiry depends. */
  readonly confidence: number;
  /** The short options that no long option of the same strike covers, in units of the underlying. */
  readonly nakedShorts: number;
  /** The sum of the long and short options in units of the underlying. */
  readonly grossOptions: number;
}

/**
 * Prices one arranged expiry on the grid. `accountConfidence` is the lowest confidence of the feeds that
 * all expiries share.
 */
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

/**
 * Returns the naked short options in units of the underlying: at each strike, the shorts beyond the longs, calls and
 * puts together. `options` must be sorted by strike.
 */
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

/**
 * Computes the dampened loss of the account in each scenario. `movingCollateral` is the value of the collateral that
 * follows the spot price.
 */
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
    // A skew move may go either way at each expiry, so a gain at one expiry does not offset a loss at another.
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

/**
 * Returns the worst of the basis loss and the scenario losses, with its index. On a tie the basis loss comes first,
 * then the earliest scenario. The index of the basis loss is the number of scenarios.
 */
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

/** Returns (1 - confidence) x rate x notional when the confidence is below the threshold, and 0 otherwise. */
export function confidenceCharge(confidence: number, notional: number, trust: DeriveTrustParameters): number {
  return confidence < trust.confidenceThreshold ? (1 - confidence) * trust.confidenceRate * notional : 0;
}

/** Returns what a stablecoin below its peg adds to the initial factor, at least 0. */
export function pegSurcharge(stablePrice: number, trust: DeriveTrustParameters): number {
  return Math.max(0, trust.pegThreshold - stablePrice) * trust.pegFactor;
}

/**
 * Returns the confidence of the spot price or, while a perpetual position is open, the lower of it and the perpetual's.
 */
export function accountConfidence(portfolio: DerivePortfolio): number {
  const { perpetual, spotConfidence } = portfolio;
  return perpetual === null || perpetual.amount === 0 ? spotConfidence : Math.min(spotConfidence, perpetual.confidence);
}

/**
 * Returns the equity with the requirements and surpluses. A requirement is the sum of the components in their order,
 * and a surplus is the equity less the requirement.
 */
export function sumRequirements<Part extends { readonly initial: number; readonly maintenance: number }>(
  equity: number,
  components: readonly Part[],
) {
  const initialRequirement = components.reduce((sum, component) => sum + component.initial, 0);
  const maintenanceRequirement = components.reduce((sum, component) => sum + component.maintenance, 0);
  return {
    equity,
    initialRequirement,
    maintenanceRequirement,
    initialSurplus: equity - initialRequirement,
    maintenanceSurplus: equity - maintenanceRequirement,
  };
}

/** Returns the result of a scan from its equity, losses and components. */
export function scanResult(
  equity: number,
  scenarioLosses: Float64Array,
  basisLoss: number,
  components: readonly DeriveComponent[],
): DeriveScanResult {
  const worst = worstOf(scenarioLosses, basisLoss);
  return {
    ...sumRequirements(equity, components),
    worstLoss: worst.loss,
    worstScenarioIndex: worst.index,
    scenarioLosses,
    basisLoss,
    components,
  };
}
