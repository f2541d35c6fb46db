import { findQuoteFault } from "../collateral/index.ts";
import { moveListed, moveState } from "../engine/market/move-underlying.ts";
import { type MarketSnapshot, type ParameterSet, priceCurrency } from "../model/index.ts";
import { exp } from "../numbers/index.ts";
import type { JointScenarioSet } from "../scenarios/index.ts";

/** How an underlying moves: its price, and all its volatilities, each to so many times what it was. */
export interface MarketMove {
  readonly price: number;
  readonly volatility: number;
}

/**
 * Moves a snapshot by one scenario of a joint set: underlyings and currencies by their log return, volatilities by
 * theirs. See moveMarket.
 */
export function moveMarketJointly(
  snapshot: MarketSnapshot,
  set: JointScenarioSet,
  scenario: number,
  parameters: Pick<ParameterSet, "collateral">,
): MarketSnapshot {
  const moves = new Map(
    set.underlyings.map(({ underlying, logReturns, volatilityLogMoves }) => [
      underlying,
      {
        price: exp(logReturns[scenario] ?? Number.NaN),
        volatility: volatilityLogMoves === null ? 1 : exp(volatilityLogMoves[scenario] ?? Number.NaN),
      },
    ]),
  );
  return moveMarket(snapshot, moves, parameters);
}

/**
 * Moves underlyings of a snapshot, their coins as currencies, and their forwards in proportion. Options are revalued at
 * their moved volatility, which all strikes and expiries move by the same factor (sticky strike); they keep their
 * distance from the model but stay at or above 0. An instrument quoted in a moving currency follows the ratio of both
 * moves; currencies that the collateral parameters call pegged do not move. What has no move stays, as do ids and
 * times.
 */
export function moveMarket(
  snapshot: MarketSnapshot,
  moves: ReadonlyMap<string, MarketMove>,
  parameters: Pick<ParameterSet, "collateral">,
): MarketSnapshot {
  const collateral = new Map(parameters.collateral.map((entry) => [entry.asset, entry]));
  const priceFactor = (symbol: string) => moves.get(symbol)?.price ?? 1;
  return {
    ...snapshot,
    currencies: snapshot.currencies.map((entry) => ({
      ...entry,
      priceUsd: entry.priceUsd * priceFactor(entry.currency),
    })),
    underlyings: snapshot.underlyings.map((state) => moveState(state, priceFactor(state.underlying))),
    instruments: snapshot.instruments.map((quoted) => {
      const { instrument } = quoted;
      const move = moves.get(instrument.underlying);
      const isRatio = findQuoteFault(instrument, collateral) !== null;
      if (move === undefined && !isRatio) return quoted;
      const quoteFactor = isRatio ? priceFactor(priceCurrency(instrument)) : 1;
      return moveListed(quoted, (move?.price ?? 1) / quoteFactor, snapshot, move?.volatility);
    }),
  };
}
