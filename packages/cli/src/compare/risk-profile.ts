import {
  createMarginEngine,
  defaultMethodId,
  type MarketSnapshot,
  type ParameterSet,
  type Pool,
  type VolatilityState,
} from "@plimsoll/risk";

/**
 * The gain of a whole pool over the price of one underlying, in the pool currency. A gain is positive. The prices of
 * other underlyings stand still.
 */
export interface RiskProfile {
  readonly underlying: string;
  /** The index price in US dollars. */
  readonly indexPrice: number;
  readonly curves: readonly ProfileCurve[];
}

export interface ProfileCurve {
  /** How the implied volatilities move, scaled by time to expiry as in the scan. */
  readonly volatility: "up" | "unmoved" | "down";
  /** The points by rising price. */
  readonly points: readonly { readonly price: number; readonly pnl: number }[];
}

const farthestMove = 0.5;
const stepsPerSide = 50;
const volatilityNames: Readonly<Record<VolatilityState, ProfileCurve["volatility"]>> = {
  1: "up",
  0: "unmoved",
  [-1]: "down",
};

/** Computes the profile of each underlying, from the scenarios of the method `portfolio` on a wider and finer grid. */
export function riskProfiles(pool: Pool, snapshot: MarketSnapshot, parameters: ParameterSet): RiskProfile[] {
  const scan = parameters.scan.map((terms) => ({
    ...terms,
    priceScanRange: farthestMove,
    priceStepsPerSide: stepsPerSide,
    extendedMoves: [],
  }));
  const engine = createMarginEngine(snapshot, { ...parameters, scan });
  return engine.scenarioLosses({ ...pool, methodId: defaultMethodId }).map(({ underlying, set, losses }) => {
    const indexPrice = snapshot.underlyings.find((state) => state.underlying === underlying)?.indexPrice ?? Number.NaN;
    return {
      underlying,
      indexPrice,
      curves: ([1, 0, -1] as const).map((state) => ({
        volatility: volatilityNames[state],
        points: [...losses.entries()]
          .filter(([scenario]) => set.volatilityState[scenario] === state)
          .map(([scenario, loss]) => ({
            price: indexPrice * (set.priceMultiplier[scenario] ?? Number.NaN),
            pnl: 0 - loss,
          })),
      })),
    };
  });
}
