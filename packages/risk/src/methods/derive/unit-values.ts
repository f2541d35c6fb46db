import type { VolatilityMoveParameters } from "../../model/index.ts";
import { log, logRatio } from "../../numbers/index.ts";
import { black76IntoScenarios } from "../../pricing/index.ts";
import { volatilityMultiplier } from "../../scenarios/index.ts";
import { type DeriveGrid, FIRST_SCENARIO_COLUMN, type SkewTilts, skewMultiplier } from "./grid.ts";
import type { DeriveExpiry, DeriveOption } from "./holdings.ts";
import { daysLeft, yearsLeft } from "./time.ts";

/** The terms that all options of one expiry share when they are valued on a grid. */
export interface ExpiryTerms {
  readonly years: number;
  readonly forward: number;
  readonly discountFactor: number;
  /** The multiplier of the whole forward in each column. Only the variable part of the forward moves. */
  readonly forwardMultiplier: Float64Array;
  readonly logForwardMultiplier: Float64Array;
  readonly volatilityUp: number;
  readonly volatilityDown: number;
  readonly minimumVolatilityUp: number;
  /** The tilts of the skew moves. Null when the method has no skew scenarios. */
  readonly tilts: SkewTilts | null;
}

export function buildExpiryTerms(
  expiry: DeriveExpiry,
  discountFactor: number,
  grid: DeriveGrid,
  volatility: VolatilityMoveParameters,
  tilts: SkewTilts | null,
): ExpiryTerms {
  const { forwardFixedPortion: fixed, forwardVariablePortion: variable } = expiry;
  const forward = fixed + variable;
  const unfixed = fixed === 0 || forward === 0;
  const forwardMultiplier = unfixed
    ? grid.priceMultiplier
    : grid.priceMultiplier.map((multiplier) => (fixed + variable * multiplier) / forward);
  const days = daysLeft(expiry.secondsToExpiry);
  return {
    years: yearsLeft(expiry.secondsToExpiry),
    forward,
    discountFactor,
    forwardMultiplier,
    logForwardMultiplier: unfixed ? grid.logPriceMultiplier : forwardMultiplier.map((multiplier) => log(multiplier)),
    volatilityUp: volatilityMultiplier(days, 1, volatility),
    volatilityDown: volatilityMultiplier(days, -1, volatility),
    minimumVolatilityUp: volatility.minimumVolatilityUp,
    tilts,
  };
}

/**
 * Returns the value of one long unit of an option in each column of the grid, in quote currency. The values are
 * discounted and never negative. Amounts only multiply them, so an option is priced once however many accounts hold it.
 * An expired option has its discounted intrinsic value at the forward, which no longer moves.
 */
export function deriveUnitValues(option: DeriveOption, terms: ExpiryTerms, grid: DeriveGrid): Float64Array {
  const rootYears = Math.sqrt(terms.years);
  const { markVolatility } = option;
  const deviation = (volatility: number): number => (rootYears === 0 ? 0 : volatility * rootYears);
  const count = FIRST_SCENARIO_COLUMN + grid.scenarios.length;
  const totalVolatility = new Float64Array(count).fill(deviation(markVolatility));
  const up = deviation(Math.max(terms.minimumVolatilityUp, markVolatility * terms.volatilityUp));
  const down = deviation(markVolatility * terms.volatilityDown);
  for (const [index, { volatilityMove }] of grid.scenarios.entries()) {
    if (volatilityMove === "none") continue;
    const column = FIRST_SCENARIO_COLUMN + index;
    if (volatilityMove === "up") totalVolatility[column] = up;
    else if (volatilityMove === "down") totalVolatility[column] = down;
    else {
      if (terms.tilts === null) {
        throw new RangeError(
          `Derive margin: scenarios[${index}] is a ${volatilityMove}; only PMRM_2 has skew scenarios`,
        );
      }
      const linear = volatilityMove === "linear_skew";
      const moneyness = logRatio(option.strike, terms.forward);
      totalVolatility[column] = deviation(
        markVolatility *
          skewMultiplier(linear ? moneyness : Math.abs(moneyness), linear ? terms.tilts.linear : terms.tilts.absolute),
      );
    }
  }
  const values = new Float64Array(count);
  black76IntoScenarios(
    values,
    0,
    count,
    option.optionType === "call" ? 1 : -1,
    terms.forward,
    option.strike,
    terms.discountFactor,
    terms.forwardMultiplier,
    terms.logForwardMultiplier,
    totalVolatility,
  );
  return values;
}

/** The type of a function that values an option. A caller with many accounts passes one that remembers its values. */
export type DeriveUnitValues = typeof deriveUnitValues;
