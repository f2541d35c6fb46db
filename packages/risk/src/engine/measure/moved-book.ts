import { createRiskArrays, createScratch, type RiskArrays, reserveRiskArray } from "../../arrays/index.ts";
import { type ArraysRule, isMeasuredJointly } from "../../methods/margin-method.ts";
import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { Book, BookCurrency, BookUnit } from "../book/book.ts";
import { powerOf, rateCurrency, settlesIn } from "../book/currency-rates.ts";
import {
  type Market,
  type MovedPrices,
  moveMarket,
  movePrices,
  moveView,
  pricedLength,
  priceInto,
} from "../market/market.ts";
import { moveQuotedInstrument } from "../market/move-underlying.ts";
import { type CurrencyValue, emptyValues, poolPriceIn } from "../value/currency-value.ts";
import { valuePool } from "../value/value-pool.ts";
import {
  addMeasures,
  addPricedValues,
  addUnitValues,
  chargeBook,
  type Evaluation,
  measureScanned,
  measureUnit,
} from "./evaluate.ts";
import { setMovingShares } from "./moving-share.ts";
import { isOverfull, marketAt, type NodePrices, pricedStretch, releaseArrays, type Stretch } from "./node-prices.ts";
import { chargePool } from "./pool-charges.ts";
import { sumSegments } from "./pool-losses.ts";

/** The figures of a book with one unit's underlying at a multiple of its price, all else equal. */
export interface MovedBook {
  /** Returns the equity alone, which needs no risk array. */
  readonly equityAt: (multiple: number) => number;
  readonly figuresAt: (multiple: number) => Evaluation;
  /** Returns the figures at a node of a stretch. The stretch is priced once for all books. */
  readonly figuresAtNode: (stretch: Stretch, node: number) => Evaluation;
}

/**
 * Prepares a book for many prices of one unit's underlying. The values of the other units' positions are computed once,
 * at the prices of `market`. The requirements of other units are taken from `evaluation`, the book's evaluation at
 * `market`, unless they depend on the moved price (isIndependent).
 */
export function createMovedBook(
  market: Market,
  book: Book,
  unit: BookUnit,
  evaluation: Evaluation,
  nodePrices: NodePrices,
): MovedBook {
  const values = emptyValues(market, book);
  for (const other of book.units) if (other !== unit) addPricedValues(values, market, other);
  addPricedValues(emptyValues(market, book), market, unit);
  const measures = book.units.map((other, index) =>
    other === unit || !isIndependent(book, other, unit) ? null : evaluation.units[index]!,
  );
  const rule = book.method.unit;
  const isAlone = book.units.includes(unit) && measures.filter((measure) => measure === null).length === 1;
  return rule.reads === "risk_arrays" && !isMeasuredJointly(book.method) && isAlone
    ? moveScannedBook(rule, market, book, unit, values, measures, nodePrices)
    : moveAnyBook(market, book, unit, values, measures, nodePrices);
}

/** Returns whether the requirement of one unit is the same at any price of another unit's underlying. */
function isIndependent(book: Book, unit: BookUnit, moved: BookUnit): boolean {
  // A rule on a balance may depend on the worth of the whole pool, and it decides how far the balance moves.
  const isRuled = ({ parameters, powers }: BookCurrency) =>
    (parameters?.concentration != null || parameters?.wrongWay != null) &&
    powers.some(({ underlying }) => underlying === unit.underlying);
  if (book.currencies.some(isRuled)) return false;
  // In the pool of a coin all amounts are counted in that coin, and every other balance moves against it.
  if ([unit.underlying, moved.underlying].includes(book.pool.poolCurrency)) return false;
  const indexOf = (coin: string) => book.currencies.findIndex(({ currency }) => currency === coin);
  const isInBoth = book.currencies.some(
    (currency) => powerOf(currency, unit.underlying) > 0 && powerOf(currency, moved.underlying) > 0,
  );
  return !isInBoth && !settlesIn(unit, indexOf(moved.underlying)) && !settlesIn(moved, indexOf(unit.underlying));
}

/** Moves a book by a whole market for each multiple. It serves any method, and units that depend on each other. */
function moveAnyBook(
  market: Market,
  book: Book,
  unit: BookUnit,
  others: readonly CurrencyValue[],
  measures: readonly (UnitMeasure | null)[],
  nodePrices: NodePrices,
): MovedBook {
  const view = market.views[unit.underlyingIndex]!;
  const valuesIn = (moved: Market) => {
    const values = others.map((value, index) => ({
      ...value,
      ...rateCurrency(moved, book.currencies[index]!),
    }));
    addPricedValues(values, moved, unit);
    setMovingShares(moved, book, values);
    return values;
  };
  const figuresIn = (moved: Market) => {
    const values = valuesIn(moved);
    const poolPriceUsd = poolPriceIn(moved, book);
    const units = book.units.map(
      (other, index) => measures[index] ?? measureUnit(moved, book, other, values, poolPriceUsd),
    );
    return addMeasures(book, values, chargeBook(moved, book, values, units, poolPriceUsd), poolPriceUsd);
  };
  const at = (multiple: number) => moveMarket(market, moveView(view, multiple));
  return {
    equityAt: (multiple) => {
      const moved = at(multiple);
      return valuePool(book, valuesIn(moved), poolPriceIn(moved, book)).equity;
    },
    figuresAt: (multiple) => {
      const moved = at(multiple);
      const figures = figuresIn(moved);
      // No other search visits this very price.
      releaseArrays(moved.views[unit.underlyingIndex]!);
      return figures;
    },
    figuresAtNode: (stretch, node) => {
      const moved = marketAt(nodePrices, market, unit.underlyingIndex, stretch[node]!);
      const figures = figuresIn(moved);
      // A large book with many scenarios fills the limit at its first nodes. Later nodes are then priced anew each
      // time.
      if (isOverfull(nodePrices)) releaseArrays(moved.views[unit.underlyingIndex]!);
      return figures;
    },
  };
}

const sumsScratch = createScratch();
const nodeSumsScratch = createScratch();
/** The prices of one unit away from the nodes. Every search uses this memory again. */
const prices = createRiskArrays(0);
let offsets = new Int32Array(0);

/** Moves a book by the columns of one unit. It serves a scan in which no other unit changes. */
function moveScannedBook(
  rule: ArraysRule,
  market: Market,
  book: Book,
  unit: BookUnit,
  others: readonly CurrencyValue[],
  measures: readonly (UnitMeasure | null)[],
  nodePrices: NodePrices,
): MovedBook {
  const view = market.views[unit.underlyingIndex]!;
  const { state, set, scan } = view;
  const { instruments, asOfMs } = market.snapshot;
  const positions = unit.instrumentIndexes.length;
  const values = others.map((value) => ({ ...value }));
  const poolIndex = book.currencies.findIndex(({ currency }) => currency === book.pool.poolCurrency);
  const movedIndexes = [...book.currencies.keys()].filter(
    (index) => powerOf(book.currencies[index]!, unit.underlying) > 0,
  );
  const units: UnitMeasure[] = [...measures].map((measure) => measure!);
  const unitIndex = book.units.indexOf(unit);
  if (offsets.length < positions) offsets = new Int32Array(2 * positions);

  /** Sets the values of all currencies. `pricesOf` is called only if some of them move. */
  const setValues = (pricesOf: () => Market) => {
    for (let index = 0; index < values.length; index += 1) {
      const { unrealisedProfit, optionValue } = others[index]!;
      values[index]!.unrealisedProfit = unrealisedProfit;
      values[index]!.optionValue = optionValue;
    }
    if (movedIndexes.length > 0) {
      const prices = pricesOf();
      for (const index of movedIndexes) Object.assign(values[index]!, rateCurrency(prices, book.currencies[index]!));
    }
    addUnitValues(values, unit);
  };
  const pricesAt = (multiple: number): Market => ({
    ...market,
    currencyPrices: movePrices(market, unit.underlying, multiple),
  });
  const figuresFrom = (
    pricesOf: () => Market,
    prices: Float64Array,
    sums: Float64Array,
    multiples: readonly number[],
    node: number,
  ) => {
    const multiple = multiples[node]!;
    unit.indexPrice = state.indexPrice * multiple;
    const marks = multiples.length * set.scenarioCount + node;
    for (let position = 0; position < positions; position += 1) {
      const mark = offsets[position]! + marks;
      unit.markPrices[position] = prices[mark]!;
      unit.deltas[position] = prices[mark + multiples.length]!;
    }
    setValues(pricesOf);
    setMovingShares(market, book, values);
    const moved: MovedPrices = { state, indexPrice: state.indexPrice * multiple, scan, set };
    const stride = multiples.length * set.scenarioCount;
    const settled = { sums, start: node * set.scenarioCount, stride };
    const poolPriceUsd = values[poolIndex]!.priceUsd;
    units[unitIndex] = measureScanned(rule, market.parameters, book, unit, moved, settled, values, poolPriceUsd);
    const charges = chargePool(market.parameters, book, values, units, poolPriceUsd);
    return addMeasures(book, values, { units, charges, notes: [] }, poolPriceUsd);
  };
  const sumInto = (sums: Float64Array, prices: RiskArrays, multiples: readonly number[]) =>
    sumSegments(sums, unit, prices, offsets, multiples.length * set.scenarioCount);

  return {
    equityAt: (multiple) => {
      for (let position = 0; position < positions; position += 1) {
        const quoted = instruments[unit.instrumentIndexes[position]!]!;
        unit.markPrices[position] = moveQuotedInstrument(quoted, multiple, asOfMs).markPrice;
      }
      setValues(() => pricesAt(multiple));
      return valuePool(book, values, values[poolIndex]!.priceUsd).equity;
    },
    figuresAt: (multiple) => {
      const multiples = [multiple];
      const length = pricedLength(view, 1);
      prices.used = 0;
      reserveRiskArray(prices, positions * length);
      for (let position = 0; position < positions; position += 1) {
        offsets[position] = position * length;
        priceInto(prices.buffer, position * length, market, view, unit.instrumentIndexes[position]!, multiples);
      }
      const sums = sumsScratch(set.scenarioCount * unit.segments.length);
      sumInto(sums, prices, multiples);
      return figuresFrom(() => pricesAt(multiple), prices.buffer, sums, multiples, 0);
    },
    figuresAtNode: (() => {
      let summed: Stretch | null = null;
      return (stretch, node) => {
        const priced = pricedStretch(nodePrices, market, unit.underlyingIndex, stretch);
        for (let position = 0; position < positions; position += 1) {
          offsets[position] = priced.offsetOf(unit.instrumentIndexes[position]!);
        }
        const sums = nodeSumsScratch(stretch.length * set.scenarioCount * unit.segments.length);
        if (summed !== stretch) sumInto(sums, priced.arrays, stretch);
        summed = stretch;
        const pricesOf = () => marketAt(nodePrices, market, unit.underlyingIndex, stretch[node]!);
        return figuresFrom(pricesOf, priced.arrays.buffer, sums, stretch, node);
      };
    })(),
  };
}
