import { log } from "../../numbers/index.ts";
import type { DeriveBasisParameters, DeriveScenario } from "./parameters.ts";

/**
 * The columns of a value array before the first scenario. They hold the value at the mark, and the values with the
 * forward moved up and down for the basis charge.
 */
export const MARK_COLUMN = 0;
export const BASIS_UP_COLUMN = 1;
export const BASIS_DOWN_COLUMN = 2;
export const FIRST_SCENARIO_COLUMN = 3;

/**
 * The scenarios of a portfolio manager as columns. A grid is built once per parameter set and shared by all accounts.
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
