import { between, label, type ObjectBounds, rate } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** One scenario of the table that Paradex publishes. */
export interface ParadexScenario {
  readonly spotMove: number;
  /** The relative volatility move at 30 days to expiry. It is negative for a fall. */
  readonly volatilityMove: number;
  readonly weight: number;
}

export interface ParadexParameters {
  readonly label: string;
  readonly scenarios: readonly ParadexScenario[];
  readonly shortTermPower: number;
  readonly longTermPower: number;
  readonly minimumDaysToExpiry: number;
  /** The shares of the spot notional of the net delta and of the hedged delta. Their sum is the least requirement. */
  readonly netDeltaRate: number;
  readonly hedgedDeltaRate: number;
  readonly maintenanceFactor: number;
}

/** The parameters of the method `portfolio_paradex`. One table of scenarios serves every underlying. */
export interface ParadexMethodParameters extends ParadexParameters, SizedParameters {
  /** The fee of closing a future, perpetual or option, as a share of the index price per unit of the underlying. */
  readonly feeProvisionRate: number;
  /** The fee provision of an option is at most this share of its mark. */
  readonly optionFeeCapRate: number;
}

const scenarioBounds: ObjectBounds<ParadexScenario> = {
  kind: "object",
  members: {
    spotMove: { kind: "number", above: -1, most: 100 },
    volatilityMove: { kind: "number", above: -1, most: 10 },
    weight: { kind: "number", above: 0, most: 1 },
  },
};

export const paradexBounds: ObjectBounds<ParadexMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    label,
    scenarios: {
      kind: "list",
      of: scenarioBounds,
      fewest: 1,
      most: 1024,
      rules: (scenarios) =>
        scenarios.some(({ spotMove }) => spotMove === 0)
          ? []
          : [{ path: [], value: scenarios, allowed: "with at least one scenario whose spot_move is 0" }],
    },
    shortTermPower: between(0, 2),
    longTermPower: between(0, 2),
    minimumDaysToExpiry: { kind: "number", above: 0, most: 30 },
    netDeltaRate: rate,
    hedgedDeltaRate: rate,
    maintenanceFactor: { kind: "number", above: 0, most: 1 },
    feeProvisionRate: rate,
    optionFeeCapRate: rate,
  },
};
