import { moveListed } from "../engine/move-underlying.ts";
import type { MarketSnapshot } from "../model/index.ts";
import { exp } from "../numbers/index.ts";
import type { JointScenarioSet } from "../scenarios/index.ts";

/**
 * The snapshot in one scenario of a joint set: underlyings and currencies by their log return, forwards in proportion, and
 * options revalued at their moved volatility (all strikes and expiries by the same factor: sticky strike), keeping their
 * distance from the model but never below 0. What the set does not name stays. Ids and times stay: it answers "what if".
 */
export function moveMarketJointly(snapshot: MarketSnapshot, set: JointScenarioSet, scenario: number): MarketSnapshot {
  const moves = new Map(
    set.underlyings.map(({ underlying, logReturns, volatilityLogMoves }) => [
      underlying,
      {
        price: exp(logReturns[scenario] ?? Number.NaN),
        volatility: volatilityLogMoves === null ? 1 : exp(volatilityLogMoves[scenario] ?? Number.NaN),
      },
    ]),
  );
  const priceFactor = (symbol: string) => moves.get(symbol)?.price ?? 1;
  return {
    ...snapshot,
    currencies: snapshot.currencies.map((entry) => ({
      ...entry,
      priceUsd: entry.priceUsd * priceFactor(entry.currency),
    })),
    underlyings: snapshot.underlyings.map((state) => ({
      ...state,
      indexPrice: state.indexPrice * priceFactor(state.underlying),
    })),
    instruments: snapshot.instruments.map((quoted) => {
      const move = moves.get(quoted.instrument.underlying);
      if (move === undefined) return quoted;
      return moveListed(quoted, move.price, snapshot, move.volatility);
    }),
  };
}
