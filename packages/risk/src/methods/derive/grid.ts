import { log } from "../../numbers/index.ts";
import type { DeriveBasisParameters, DeriveScenario, DeriveSkewParameters } from "./parameters.ts";

/**
 * The columns of a value array before the first scenario. They hold the value at the mark, and the values with the
 * forward moved up and down for the basis charge.
 */
export const MARK_COLUMN = 0;
export const BASIS_UP_COLUMN = 1;
export const BASIS_DOWN_COLUMN = 2;
export const FIRST_SCENARIO_COLUMN = 3;

/**
 * The scenarios of a portfolio manager as columns. A grid is built once per parameter set and shared by all pools.
 */
export interface DeriveGrid {
  readonly scenarios: readonly DeriveScenario[];
  /**
   * The multiplier of the moving part of the forward in each column. It is 1 under a skew move, which leaves
   * the forward unchanged.
   */
  readonly priceMultiplier: Float64Array;
  readonly logPriceMultiplier: Float64Array;
}

/**
 * Returns the grid of a list of scenarios. Throws a RangeError if the list is empty, or if a scenario has a multiplier
 * or a dampening below 0.
 */
export function buildDeriveGrid(scenarios: readonly DeriveScenario[], basis: DeriveBasisParameters): DeriveGrid {
  if (scenarios.length === 0) throw new RangeError("Derive margin: scenarios is empty; give at least one scenario");
  const priceMultiplier = new Float64Array(FIRST_SCENARIO_COLUMN + scenarios.length);
  priceMultiplier[MARK_COLUMN] = 1;
  priceMultiplier[BASIS_UP_COLUMN] = basis.upMultiplier;
  priceMultiplier[BASIS_DOWN_COLUMN] = basis.downMultiplier;
  for (const [index, scenario] of scenarios.entries()) {
    if (!(scenario.priceMultiplier >= 0) || !(scenario.dampening >= 0)) {
      throw new RangeError(
        `Derive margin: scenarios[${index}] has priceMultiplier ${scenario.priceMultiplier} and dampening ` +
          `${scenario.dampening}; both must be at least 0`,
      );
    }
    const skewed = scenario.volatilityMove === "linear_skew" || scenario.volatilityMove === "absolute_skew";
    priceMultiplier[FIRST_SCENARIO_COLUMN + index] = skewed ? 1 : scenario.priceMultiplier;
  }
  return { scenarios, priceMultiplier, logPriceMultiplier: priceMultiplier.map((multiplier) => log(multiplier)) };
}

/**
 * One tilt at one expiry: the greatest relative change of a volatility and the log-moneyness at which it is reached.
 */
export interface SkewTilt {
  readonly cap: number;
  readonly width: number;
}

/**
 * The two tilts of an expiry. The linear tilt changes volatility with opposite signs above and below the forward, the
 * absolute tilt with the same sign.
 */
export interface SkewTilts {
  readonly linear: SkewTilt;
  readonly absolute: SkewTilt;
}

/** Returns the tilts of an expiry, of which `rootYears` is the square root of the years left. */
export function skewTilts(rootYears: number, skew: DeriveSkewParameters): SkewTilts {
  const volatility = skew.volatilityConstant + rootYears * skew.volatilityPerRootYear;
  const width = Math.max(skew.minimumWidth, rootYears * skew.widthScale * volatility);
  return {
    linear: { cap: skew.linearCap + rootYears * skew.linearCapPerRootYear, width },
    absolute: { cap: skew.absoluteCap + rootYears * skew.absoluteCapPerRootYear, width },
  };
}

/**
 * Returns the factor on a volatility at log-moneyness ln(strike/forward): 1 + cap x moneyness / width, at least 0. The
 * factor is limited to 1 + cap where moneyness is positive and to 1 - cap where it is negative. The published contract
 * limits each side only at its own end, and that is kept. A negative cap, from a long expiry with a negative
 * capPerRootYear, is therefore not bounded in size.
 */
export function skewMultiplier(moneyness: number, tilt: SkewTilt): number {
  if (moneyness === 0) return 1;
  const slope = (moneyness * tilt.cap) / tilt.width;
  const change = moneyness > 0 ? Math.min(tilt.cap, slope) : Math.max(-tilt.cap, slope);
  return Math.max(0, 1 + change);
}
