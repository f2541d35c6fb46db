import {
  type Account,
  createMarginEngine,
  defaultMethodId,
  type MarketSnapshot,
  type ParameterSet,
  type VolatilityState,
} from "@plimsoll/risk";

/** Gain (positive) of a whole pool over the price of one underlying, pool currency; everything else stands still. */
export interface RiskProfile {
  readonly underlying: string;
  /** US dollars. */
  readonly indexPrice: number;
  readonly curves: readonly ProfileCurve[];
}

export interface ProfileCurve {
  /** What the implied volatilities do, scaled by time to expiry as in the scan. */
  readonly volatility: "up" | "unmoved" | "down";
  /** By rising price. */
  readonly points: readonly { readonly price: number; readonly pnl: number }[];
}

const farthestMove = 0.5;
const stepsPerSide = 50;
const volatilityNames: Readonly<Record<VolatilityState, ProfileCurve["volatility"]>> = {
  1: "up",
  0: "unmoved",
  [-1]: "down",
};

/** The profile of each underlying, from the scenarios of the method `portfolio` on a wider and finer grid. */
export function riskProfiles(account: Account, snapshot: MarketSnapshot, parameters: ParameterSet): RiskProfile[] {
  const scan = parameters.scan.map((terms) => ({
    ...terms,
    priceScanRange: farthestMove,
    priceStepsPerSide: stepsPerSide,
    extendedMoves: [],
  }));
  const engine = createMarginEngine(snapshot, { ...parameters, scan });
  return engine.scenarioLosses({ ...account, methodId: defaultMethodId }).map(({ underlying, set, losses }) => {
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
