import { type CallPrice, type Severity, severities } from "../../model/index.ts";
import { severityDistances } from "../../severity/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { emptyUnit } from "../book/create-book.ts";
import { powerOf, settlesIn } from "../book/currency-rates.ts";
import { compareText } from "../market/instrument-facts.ts";
import { isPegged, type Market } from "../market/market.ts";
import { type Evaluation, evaluate } from "../measure/evaluate.ts";
import { createMovedBook, type MovedBook } from "../measure/moved-book.ts";
import { isOverfull, type NodePrices, releaseNodePrices, type Stretch } from "../measure/node-prices.ts";
import { checkpoint, type MayGoOn } from "../work.ts";
import { type Point, searchOutward, stretchesAbove, stretchesBelow } from "./search.ts";

type CallSeverity = Exclude<Severity, "NORMAL">;
type Direction = CallPrice["direction"];

const callSeverities = severities.filter((severity): severity is CallSeverity => severity !== "NORMAL");
const directions: readonly Direction[] = ["up", "down"];

/** The index of BANKRUPT, the only severity that depends on equity alone. */
const bankruptLevel = callSeverities.indexOf("BANKRUPT");

/**
 * Finds the call prices of a book. There is one for each direction, each severity and each underlying that the book is
 * exposed to, or stablecoin whose depeg it is charged for. It is the nearest index price in US dollars at which the
 * severity or a graver one starts. The index price, the coin of the same name, and all forwards and marks on it move in
 * proportion. Volatilities and everything else stay (moveUnderlying). The search steps outward over stretchesAbove or
 * stretchesBelow, and follows dips between nodes that could reach zero. It narrows the first crossing to 1e-9 of the
 * price, and returns the price on the side where the severity holds. A severity that starts and ends between two nodes,
 * without a dip at the nodes, is not found.
 */
export function findCallPrices(market: Market, book: Book, nodePrices: NodePrices, mayGoOn: MayGoOn): CallPrice[] {
  checkpoint(mayGoOn);
  const evaluation = evaluate(market, book);
  if (isOverfull(nodePrices)) releaseNodePrices(nodePrices);
  const coins = book.units.flatMap((unit) =>
    isExposed(book, unit)
      ? searchUnit(market, book, unit, evaluation, nodePrices, mayGoOn)
      : withoutPrices(unit.underlying, "no_exposure"),
  );
  const pegs = chargedPegs(market, book, evaluation);
  if (pegs.length === 0) return coins;
  const searched = pegs.flatMap((unit) => searchUnit(market, book, unit, evaluation, nodePrices, mayGoOn));
  return [...coins, ...searched].sort((a, b) => compareText(a.underlying, b.underlying));
}

/**
 * Lists the stablecoins whose depeg the pool is charged for, as units without positions, if the market has a price to
 * move.
 */
function chargedPegs(market: Market, book: Book, { charges }: Evaluation): BookUnit[] {
  const assets = new Set(charges.map(({ underlying }) => underlying).filter((name) => isPegged(market, name)));
  return [...assets].flatMap((asset) => {
    const index = market.underlyingIndexes.get(asset);
    const isScanned = book.units.some(({ underlying }) => underlying === asset);
    return index === undefined || market.views[index] === null || isScanned ? [] : [emptyUnit(asset, index)];
  });
}

/** Builds the entries of an underlying without call prices, one for each direction and severity. */
export function withoutPrices(underlying: string, reason: NonNullable<CallPrice["reason"]>): CallPrice[] {
  return directions.flatMap((direction) =>
    callSeverities.map((severity) => ({ underlying, direction, severity, price: null, distance: null, reason })),
  );
}

/** Returns whether the pool's figures depend on the price of the unit's underlying. */
function isExposed(book: Book, unit: BookUnit): boolean {
  const { underlying } = unit;
  if (book.pool.poolCurrency === underlying) return book.currencies.length > 1 || hasFills(unit);
  const coin = book.currencies.findIndex(({ currency }) => currency === underlying);
  return (
    hasFills(unit) ||
    book.currencies.some((currency) => currency.collateral !== 0 && powerOf(currency, underlying) > 0) ||
    book.units.some((other) => settlesIn(other, coin) && hasFills(other))
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
  nodePrices: NodePrices,
  mayGoOn: MayGoOn,
): CallPrice[] {
  const { underlying } = unit;
  const { indexPrice } = market.views[unit.underlyingIndex]!.state;
  const moved = withCheckpoints(createMovedBook(market, book, unit, evaluation, nodePrices), mayGoOn);
  const point = (multiple: number, figures: Evaluation): Point => {
    const distances = severityDistances(figures, market.parameters.severity);
    return { multiple, distanceTo: (level) => distances[level + 1]! };
  };
  const at = (multiple: number, level: number): Point => {
    if (level !== bankruptLevel) return point(multiple, moved.figuresAt(multiple));
    const equity = moved.equityAt(multiple);
    let whole: Point | null = null;
    const distanceTo = (other: number) => {
      if (other === bankruptLevel) return equity;
      whole ??= point(multiple, moved.figuresAt(multiple));
      return whole.distanceTo(other);
    };
    return { multiple, distanceTo };
  };
  const nodePoints = function* (stretches: readonly Stretch[]) {
    for (const stretch of stretches) {
      for (const [node, multiple] of stretch.entries()) yield point(multiple, moved.figuresAtNode(stretch, node));
    }
  };
  const here = point(1, evaluation);
  return directions.flatMap((direction) => {
    const [ahead, back] = direction === "up" ? [stretchesAbove, stretchesBelow] : [stretchesBelow, stretchesAbove];
    const [behind] = nodePoints(back);
    const found = searchOutward(behind!, here, callSeverities.length, nodePoints(ahead), at);
    return callSeverities.map((severity, level): CallPrice => {
      const multiple = found[level]!;
      const isThere = here.distanceTo(level) <= 0;
      if (multiple === null || isThere) {
        const reason = isThere ? "already_at_or_beyond" : "not_reached_in_range";
        return { underlying, direction, severity, price: null, distance: null, reason };
      }
      return { underlying, direction, severity, price: indexPrice * multiple, distance: multiple - 1, reason: null };
    });
  });
}

/** Wraps the figures of a moved book, so that each evaluation first checks whether it may go on. */
function withCheckpoints(moved: MovedBook, mayGoOn: MayGoOn): MovedBook {
  const checked =
    <Arguments extends unknown[], Result>(figures: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      checkpoint(mayGoOn);
      return figures(...given);
    };
  return {
    equityAt: checked(moved.equityAt),
    figuresAt: checked(moved.figuresAt),
    figuresAtNode: checked(moved.figuresAtNode),
  };
}
