import type { SizedParameters } from "../size/parameters.ts";

/** One scenario of the published table. */
export interface ParadexScenario {
  readonly spotMove: number;
  /** Relative volatility move at 30 days. */
  readonly volatilityMove: number;
  readonly weight: number;
}

export interface ParadexParameters {
  readonly label: string;
  readonly scenarios: readonly ParadexScenario[];
  readonly shortTermPower: number;
  readonly longTermPower: number;
  readonly minimumDaysToExpiry: number;
  /** Shares of the spot notional of net and of hedged delta that are the least required. */
  readonly netDeltaRate: number;
  readonly hedgedDeltaRate: number;
  readonly maintenanceFactor: number;
}

/** The method `portfolio_paradex`; one table serves every underlying. */
export interface ParadexMethodParameters extends ParadexParameters, SizedParameters {
  /** Share of the index per unit of a future, perpetual or option: the fee of closing it. */
  readonly feeProvisionRate: number;
  /** The fee provision of an option is at most this share of its mark. */
  readonly optionFeeCapRate: number;
}
