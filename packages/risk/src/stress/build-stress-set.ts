import type { MarketSnapshot, ParameterSet } from "../model/index.ts";
import { log } from "../numbers/index.ts";
import type { JointMoves, JointScenarioSet, ScenarioProxy } from "../scenarios/index.ts";
import { type Hypothetical, hypotheticals } from "./hypothetical.ts";

/** The move of one coin or stablecoin during an event. */
export interface StressMove {
  readonly symbol: string;
  /** Fraction of the price, above -1. For example -0.5 is a fall by half. */
  readonly priceMove: number;
  /** Fraction of the 30-day implied volatility; 1 doubles it. It is null if none was recorded. */
  readonly volatilityMove: number | null;
}

/** The moves of one event, over the same hours for all symbols. */
export interface StressEvent {
  /** ISO date of the event, which is part of its name. */
  readonly date: string;
  readonly name: string;
  /** Hours from the close at which the moves start. */
  readonly horizonHours: number;
  /** The UTC hour in which the moves end: `2020-03-13T02`. */
  readonly hour: string;
  readonly moves: readonly StressMove[];
}

/** The recorded events, and how alternative coins and implied volatilities move if nothing was recorded for them. */
export interface StressHistory {
  readonly events: readonly StressEvent[];
  /** Logarithmic move of SOL for a logarithmic move of ETH by 1, on days when ETH fell by 5 % or more. */
  readonly alternativeCoinBeta: number;
  /**
   * Rise of the logarithm of BTC's implied volatility for a logarithmic fall of BTC by 1, on days when it fell by 5 %
   * or more.
   */
  readonly volatilityRise: number;
}

/** The symbols that a stress set moves: coins by price and volatility, stablecoins by their peg. */
export interface StressedSymbols {
  /** Symbols of the underlyings and coins. */
  readonly coins: readonly string[];
  /** Currencies that should be worth one US dollar. */
  readonly stablecoins: readonly string[];
}

/** The coin by which others move in events from before they were traded. */
const proxyOfOthers = "ETH";

/**
 * Builds the named stresses of a market as joint scenarios: each event of the history over a day and over an hour, then
 * the hypothetical ones. A coin without a recorded price in an event moves with ETH, by the history's beta. An implied
 * volatility that was not recorded rises by the history's slope if its coin falls, and stays if it rises.
 */
export function buildStressSet({ coins, stablecoins }: StressedSymbols, history: StressHistory): JointScenarioSet {
  const invented = hypotheticals(coins, stablecoins);
  const names = [...new Set([...coins, ...stablecoins])].sort((a, b) => (a < b ? -1 : 1));
  return {
    setId: "stress-1",
    kind: "stress",
    horizonHours: 24,
    stepHours: null,
    scenarioIds: [...history.events.map(eventId), ...invented.map(({ id }) => id)],
    labels: [...history.events.map(eventLabel), ...invented.map(({ label }) => label)],
    weights: null,
    underlyings: names.map((name) => movesOf(name, coins.includes(name), history, invented)),
  };
}

function eventId({ date, horizonHours }: StressEvent): string {
  return `${date}:${horizonHours === 1 ? "hour" : "day"}`;
}

function eventLabel({ date, name, horizonHours }: StressEvent): string {
  return `${date}, ${name}: ${horizonHours} h`;
}

function movesOf(
  symbol: string,
  isCoin: boolean,
  history: StressHistory,
  invented: readonly Hypothetical[],
): JointMoves {
  const { events } = history;
  const own = (event: StressEvent) => event.moves.find((move) => move.symbol === symbol);
  const logReturns = events.map((event) => {
    const priceMove = own(event)?.priceMove;
    if (priceMove !== undefined) return log(1 + priceMove);
    return isCoin ? log(1 + moveOfProxy(event)) * history.alternativeCoinBeta : 0;
  });
  const volatilityLogMoves = events.map((event, index) => {
    const seen = own(event)?.volatilityMove;
    return seen === undefined || seen === null
      ? history.volatilityRise * Math.max(0, -logReturns[index]!)
      : log(1 + seen);
  });
  const unseen = events.filter((event) => own(event) === undefined).length;
  const proxy: ScenarioProxy = {
    underlying: proxyOfOthers,
    beta: history.alternativeCoinBeta,
    scenarioCount: unseen,
  };
  return {
    underlying: symbol,
    logReturns: [...logReturns, ...invented.map(({ price }) => log(1 + (price[symbol] ?? 0)))],
    volatilityLogMoves: isCoin
      ? [...volatilityLogMoves, ...invented.map(({ volatility }) => log(1 + volatility))]
      : null,
    proxy: isCoin && unseen > 0 ? proxy : null,
  };
}

function moveOfProxy({ moves, date }: StressEvent): number {
  const move = moves.find(({ symbol }) => symbol === proxyOfOthers);
  if (move === undefined)
    throw new RangeError(`Stress event ${date}: moves has no ${proxyOfOthers}; it stands for others`);
  return move.priceMove;
}

/**
 * Lists what can be stressed in a market: every underlying and currency except US dollars. A currency whose collateral
 * parameters say that it is pegged is a stablecoin; any other is a coin, whether or not its balances move in the
 * scenarios.
 */
export function stressedSymbolsOf(
  snapshot: MarketSnapshot,
  { collateral }: Pick<ParameterSet, "collateral">,
): StressedSymbols {
  const pegged = collateral.filter(({ valuation }) => valuation.kind === "pegged").map(({ asset }) => asset);
  const symbols = new Set([
    ...snapshot.underlyings.map(({ underlying }) => underlying),
    ...snapshot.currencies.map(({ currency }) => currency),
  ]);
  symbols.delete("USD");
  const sorted = [...symbols].sort((a, b) => (a < b ? -1 : 1));
  return {
    coins: sorted.filter((symbol) => !pegged.includes(symbol)),
    stablecoins: sorted.filter((symbol) => pegged.includes(symbol)),
  };
}
