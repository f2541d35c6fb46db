import { createScratch } from "../arrays/index.ts";
import { valueAfterHaircutUsd } from "../collateral/index.ts";
import { measurePortfolioUnit, measureStaticUnit, type UnitMeasure } from "../methods/index.ts";
import { findMarginMethod } from "../methods/registry/index.ts";
import type { Book, BookUnit } from "./book.ts";
import { getRow, type Market, type UnderlyingView } from "./market.ts";
import { buildMethodUnit, measureMethodUnit, unrealisedProfit } from "./method-unit.ts";
import { type CurrencyValue, computePoolLosses, dampenExtendedLosses } from "./pool-losses.ts";

const lossScratch = createScratch();

/** The figures of a book at the prices of a market, pool currency; signs as in MarginedAccount. */
export interface Evaluation {
  readonly equity: number;
  readonly marginBalance: number;
  readonly netOptionValue: number;
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  /** Parallel to the units of the book. */
  readonly units: readonly UnitMeasure[];
}

/** Values a book and measures its requirement, both from the same prices. */
export function evaluate(market: Market, book: Book): Evaluation {
  return evaluateAt(
    market,
    book,
    valueCurrencies(market, book),
    book.units.map(() => null),
  );
}

/**
 * The evaluation of a book at other prices of one unit's underlying. What does not depend on them is taken from
 * `evaluation`, that of `market`: the value of the other units' positions, and their requirements unless the pool's currency
 * or a currency both units settle in moves with the underlying.
 */
export function createUnitEvaluator(
  market: Market,
  book: Book,
  unit: BookUnit,
  evaluation: Evaluation,
): (moved: Market) => Evaluation {
  const others = book.units.filter((other) => other !== unit);
  const values = emptyValues(market, book);
  for (const other of others) addUnitValues(values, market, other);
  const measures = book.units.map((other, index) =>
    other === unit || !isIndependent(book, other, unit) ? null : evaluation.units[index]!,
  );
  return (moved) => {
    const movedValues = values.map((value, index) => ({
      ...value,
      priceUsd: moved.currencyPrices.get(book.currencies[index]!.currency)!,
    }));
    addUnitValues(movedValues, moved, unit);
    return evaluateAt(moved, book, movedValues, measures);
  };
}

/** Whether the requirement of one unit is the same at any price of another's underlying. */
function isIndependent(book: Book, unit: BookUnit, moved: BookUnit): boolean {
  // In the pool of a coin everything is counted in that coin, and every other balance moves against it.
  if ([unit.underlying, moved.underlying].includes(book.account.poolCurrency)) return false;
  const settlesIn = ({ segments }: BookUnit, coin: string) =>
    segments.some(({ currencyIndex }) => book.currencies[currencyIndex]!.currency === coin);
  return !settlesIn(unit, moved.underlying) && !settlesIn(moved, unit.underlying);
}

/** Equity and requirement from what is held in each currency; a unit whose measure is known is not measured again. */
function evaluateAt(
  market: Market,
  book: Book,
  values: readonly CurrencyValue[],
  known: readonly (UnitMeasure | null)[],
): Evaluation {
  const poolPriceUsd = market.currencyPrices.get(book.account.poolCurrency)!;
  let equity = 0;
  let marginBalance = 0;
  let netOptionValue = 0;
  for (const [index, { collateral, parameters }] of book.currencies.entries()) {
    const { priceUsd, unrealisedProfit, optionValue } = values[index]!;
    const rate = priceUsd / poolPriceUsd;
    const gained = (unrealisedProfit + optionValue) * rate;
    // The pool's own currency meets its requirement as it is, nothing has to be sold for it: no haircut.
    const counted =
      parameters === null
        ? collateral * rate
        : valueAfterHaircutUsd(collateral * priceUsd, parameters.bands) / poolPriceUsd;
    equity += collateral * rate + gained;
    marginBalance += counted + gained;
    netOptionValue += optionValue * rate;
  }
  let initialMargin = 0;
  let maintenanceMargin = 0;
  const units = book.units.map((unit, index) => {
    const measure = known[index] ?? measureUnit(market, book, unit, values, poolPriceUsd);
    initialMargin += measure.initial;
    maintenanceMargin += measure.maintenance;
    return measure;
  });
  return { equity, marginBalance, netOptionValue, initialMargin, maintenanceMargin, units };
}

/** Losses of one unit by scenario of its set, in pool currency, weighted and dampened: what its scan looks at. */
export function scanUnit(market: Market, book: Book, unit: BookUnit): Float64Array {
  const losses = new Float64Array(market.views[unit.underlyingIndex]!.set.scenarioCount);
  scanInto(losses, market, book, unit, valueCurrencies(market, book));
  return losses;
}

/** The same into losses[0 ...]; returns the size of the balances revalued, units of the underlying. */
function scanInto(
  losses: Float64Array,
  market: Market,
  book: Book,
  unit: BookUnit,
  values: readonly CurrencyValue[],
): number {
  const view = market.views[unit.underlyingIndex]!;
  const poolPriceUsd = market.currencyPrices.get(book.account.poolCurrency)!;
  const balanceExposure = computePoolLosses(losses, book, unit, view, values, poolPriceUsd);
  const poolIsCoin = book.account.poolCurrency === unit.underlying;
  const { priceScanRange, extendedDampenerUsd } = view.scan;
  dampenExtendedLosses(losses, view.set, priceScanRange, extendedDampenerUsd, poolPriceUsd, poolIsCoin);
  return balanceExposure;
}

/** Prices what the book holds and adds up its profit and option value by settlement currency. */
function valueCurrencies(market: Market, book: Book): CurrencyValue[] {
  const values = emptyValues(market, book);
  for (const unit of book.units) addUnitValues(values, market, unit);
  return values;
}

function emptyValues(market: Market, book: Book): CurrencyValue[] {
  return book.currencies.map(({ currency }) => ({
    priceUsd: market.currencyPrices.get(currency)!,
    unrealisedProfit: 0,
    optionValue: 0,
  }));
}

function addUnitValues(values: readonly CurrencyValue[], market: Market, unit: BookUnit): void {
  const view = market.views[unit.underlyingIndex]!;
  for (const { currencyIndex, start, end } of unit.segments) {
    const value = values[currencyIndex]!;
    for (let position = start; position < end; position += 1) {
      const row = getRow(market, view, unit.instrumentIndexes[position]!);
      unit.offsets[position] = row.offset;
      if (row.isOption) value.optionValue += unit.quantities[position]! * (row.contractSize * row.markPrice);
      else value.unrealisedProfit += unrealisedProfit(unit, position, row);
    }
  }
}

function measureUnit(
  market: Market,
  book: Book,
  unit: BookUnit,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): UnitMeasure {
  const view = market.views[unit.underlyingIndex]!;
  const method = findMarginMethod(book.account.methodId);
  if (method !== null) {
    const methodUnit = buildMethodUnit(market, book, unit, view, values);
    const balanceExposure = Math.abs(methodUnit.balanceUsd / view.indexPrice);
    const exposure = collectExposure(market, unit, view, balanceExposure, poolPriceUsd);
    return measureMethodUnit(method, methodUnit, exposure, poolPriceUsd);
  }
  const losses = lossScratch(view.set.scenarioCount);
  const balanceExposure = scanInto(losses, market, book, unit, values);
  const exposure = collectExposure(market, unit, view, balanceExposure, poolPriceUsd);
  return book.account.methodId === "static"
    ? measureStaticUnit(view.scan, exposure)
    : measurePortfolioUnit(losses, view.set, view.scan, exposure, market.parameters);
}

function collectExposure(
  market: Market,
  unit: BookUnit,
  view: UnderlyingView,
  balanceExposure: number,
  poolPriceUsd: number,
) {
  const expiryDeltas = zeros(unit.expiryBucketCount);
  const expiryRates = zeros(unit.expiryBucketCount);
  const strikeQuantities = zeros(unit.strikeBucketCount);
  let grossDelta = balanceExposure;
  let grossNotional = 0;
  for (let position = 0; position < unit.quantities.length; position += 1) {
    const row = getRow(market, view, unit.instrumentIndexes[position]!);
    const quantity = unit.quantities[position]!;
    const delta = quantity * row.delta;
    const expiry = unit.expiryBuckets[position]!;
    expiryDeltas[expiry] = expiryDeltas[expiry]! + delta;
    expiryRates[expiry] = row.calendarRate;
    grossDelta += Math.abs(delta);
    const underlyingSize = row.isOption ? row.contractSize : row.delta;
    grossNotional += Math.abs(quantity) * underlyingSize;
    const strike = unit.strikeBuckets[position]!;
    if (strike >= 0) strikeQuantities[strike] = strikeQuantities[strike]! + quantity * row.contractSize;
  }
  const { quality, confidenceWidth } = view.state;
  return {
    indexPrice: view.indexPrice / poolPriceUsd,
    grossDelta,
    grossNotional,
    // A degraded price is known no better than a widened one.
    confidenceWidth: quality === "good" ? 0 : confidenceWidth,
    expiryDeltas,
    expiryRates,
    strikeQuantities,
  };
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
