import { createRiskArrays } from "../arrays/index.ts";
import type { Book, BookUnit } from "../engine/book.ts";
import { createUnitEvaluator, type Evaluation, evaluate } from "../engine/evaluate.ts";
import { FIRST_ROWS, type Market, moveMarket, moveView } from "../engine/market.ts";
import { type CallPrice, type Severity, severities } from "../model/index.ts";
import { severityDistances } from "../severity/index.ts";
import { nodesAbove, nodesBelow } from "./nodes.ts";
import { type Point, searchOutward } from "./search.ts";

type CallSeverity = Exclude<Severity, "NORMAL">;
type Direction = CallPrice["direction"];

const callSeverities = severities.filter((severity): severity is CallSeverity => severity !== "NORMAL");
const directions: readonly Direction[] = ["up", "down"];

/** The market with an underlying at each node, priced once for all accounts; by underlying, then by multiple. */
export type NodeMarkets = Map<number, Map<number, Market>>;

/** Numbers in the risk arrays of all node markets (8 bytes each, and as much again for growth) before they are dropped. */
const NODE_ARRAY_LIMIT = 4_000_000;

/**
 * Call prices of a book: for each underlying it is exposed to, each direction and each severity, the nearest index price at
 * which the severity or a graver one starts. The index, the coin of its name and all forwards and marks on it move in
 * proportion, volatilities and everything else stay (moveUnderlying). The search steps outward over nodesAbove or
 * nodesBelow, follows dips between nodes that could reach zero, and narrows the first crossing to 1e-9 of the price; the
 * price given is on the side where the severity holds. A severity that starts and ends again between two nodes, without a
 * dip at the nodes themselves, is not seen.
 */
export function findCallPrices(market: Market, book: Book, nodeMarkets: NodeMarkets): CallPrice[] {
  const evaluation = evaluate(market, book);
  if (countNodeArrays(nodeMarkets) > NODE_ARRAY_LIMIT) nodeMarkets.clear();
  return book.units.flatMap((unit) =>
    isExposed(book, unit)
      ? searchUnit(market, book, unit, evaluation, nodeMarkets)
      : withoutPrices(unit.underlying, "no_exposure"),
  );
}

/** Call prices without a price, one for each direction and severity. */
export function withoutPrices(underlying: string, reason: NonNullable<CallPrice["reason"]>): CallPrice[] {
  return directions.flatMap((direction) =>
    callSeverities.map((severity) => ({ underlying, direction, severity, price: null, distance: null, reason })),
  );
}

/** Whether anything in the pool depends on the price of the unit's underlying. */
function isExposed(book: Book, unit: BookUnit): boolean {
  const { underlying } = unit;
  if (book.account.poolCurrency === underlying) return book.currencies.length > 1 || hasFills(unit);
  const coin = book.currencies.findIndex(({ currency }) => currency === underlying);
  const settlesInCoin = ({ segments }: BookUnit) => segments.some(({ currencyIndex }) => currencyIndex === coin);
  return (
    hasFills(unit) ||
    (coin >= 0 && book.currencies[coin]!.collateral !== 0) ||
    book.units.some((other) => settlesInCoin(other) && hasFills(other))
  );
}

function hasFills({ fillQuantities }: BookUnit): boolean {
  return fillQuantities.some((quantity) => quantity !== 0);
}

function searchUnit(
  market: Market,
  book: Book,
  unit: BookUnit,
  evaluation: Evaluation,
  nodeMarkets: NodeMarkets,
): CallPrice[] {
  const { underlying, underlyingIndex } = unit;
  const view = market.views[underlyingIndex]!;
  const evaluateMoved = createUnitEvaluator(market, book, unit, evaluation);
  const point = (multiple: number, figures: Evaluation): Point => ({
    multiple,
    distances: severityDistances(figures, market.parameters.severity).slice(1),
  });
  const scratch = createRiskArrays(unit.quantities.length * view.set.scenarioCount);
  const at = (multiple: number) => {
    scratch.used = 0;
    return point(multiple, evaluateMoved(moveMarket(market, moveView(view, multiple, scratch))));
  };
  const atNode = (multiple: number) =>
    point(multiple, evaluateMoved(nodeMarket(market, nodeMarkets, underlyingIndex, multiple)));
  const here = point(1, evaluation);
  return directions.flatMap((direction) => {
    const [nodes, opposite] = direction === "up" ? [nodesAbove, nodesBelow] : [nodesBelow, nodesAbove];
    const found = searchOutward(atNode(opposite[0]!), here, nodes, atNode, at);
    return callSeverities.map((severity, level): CallPrice => {
      const multiple = found[level]!;
      const isThere = here.distances[level]! <= 0;
      if (multiple === null || isThere) {
        const reason = isThere ? "already_at_or_beyond" : "not_reached_in_range";
        return { underlying, direction, severity, price: null, distance: null, reason };
      }
      const price = view.state.indexPrice * multiple;
      return { underlying, direction, severity, price, distance: multiple - 1, reason: null };
    });
  });
}

function nodeMarket(market: Market, nodeMarkets: NodeMarkets, underlyingIndex: number, multiple: number): Market {
  let markets = nodeMarkets.get(underlyingIndex);
  if (markets === undefined) {
    markets = new Map();
    nodeMarkets.set(underlyingIndex, markets);
  }
  let moved = markets.get(multiple);
  if (moved === undefined) {
    const view = market.views[underlyingIndex]!;
    moved = moveMarket(market, moveView(view, multiple, createRiskArrays(FIRST_ROWS * view.set.scenarioCount)));
    markets.set(multiple, moved);
  }
  return moved;
}

function countNodeArrays(nodeMarkets: NodeMarkets): number {
  let count = 0;
  for (const [underlyingIndex, markets] of nodeMarkets) {
    for (const market of markets.values()) count += market.views[underlyingIndex]!.arrays.used;
  }
  return count;
}
