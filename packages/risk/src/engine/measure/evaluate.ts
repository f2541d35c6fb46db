import { createScratch } from "../../arrays/index.ts";
import type { ArraysRule, PoolCharge } from "../../methods/margin-method.ts";
import { addSizeCharges } from "../../methods/size/size-charges.ts";
import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { MarginNote, ParameterSet, SeverityBasis } from "../../model/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { chargeJointly, type JointCharges } from "../joint/charge-jointly.ts";
import type { JointSums } from "../joint/joint-sums.ts";
import { getRiskArray, getRow, type Market, type MovedPrices, type UnderlyingView } from "../market/market.ts";
import { type CurrencyValue, emptyValues, poolPriceIn, unrealisedProfit } from "../value/currency-value.ts";
import { type PoolValue, valuePool } from "../value/value-pool.ts";
import { boundRequirement } from "./bound-requirement.ts";
import { findKnownMeasure, type MeasuredBook } from "./known-measure.ts";
import { buildMethodUnit, measureMethodUnit } from "./method-unit.ts";
import { setMovingShares } from "./moving-share.ts";
import { chargePool, findSize } from "./pool-charges.ts";
import { computePoolLosses, dampenExtendedLosses, type SettledLosses, sumSegments } from "./pool-losses.ts";
import { addSharedCharges } from "./shared-charges.ts";

const lossScratch = createScratch();
const settledScratch = createScratch();
let offsetScratch = new Int32Array(0);

/** The figures of a book at the prices of a market, in pool currency. Signs are as in MarginedPool. */
export interface Evaluation extends PoolValue {
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  /** The measures of the units, parallel to the units of the book. */
  readonly units: readonly UnitMeasure[];
  /** The charges beyond the units. They are part of the margins already. */
  readonly charges: readonly PoolCharge[];
  readonly severityBasis: SeverityBasis;
  readonly notes: readonly MarginNote[];
}

/** Values a book and measures its requirement, both from the same prices. */
export function evaluate(market: Market, book: Book): Evaluation {
  return addCharges(market, measureBook(market, book));
}

/**
 * Values a book and measures its units. For units that it shares with `known`, at the same prices, it takes what is
 * known where that is sure to be the same.
 */
export function measureBook(market: Market, book: Book, known: MeasuredBook | null = null): MeasuredBook {
  const values = valueCurrencies(market, book, known?.book.units);
  const poolPriceUsd = poolPriceIn(market, book);
  const measures = book.units.map(
    (unit) =>
      (known && findKnownMeasure({ book, values }, unit, known)) ??
      measureUnit(market, book, unit, values, poolPriceUsd),
  );
  return { book, values, measures };
}

/**
 * Returns the evaluation of a measured book, with the charges beyond its units. `kept` are sums of a book that it may
 * share positions with.
 */
export function addCharges(market: Market, { book, values, measures }: MeasuredBook, kept?: JointSums): Evaluation {
  const poolPriceUsd = poolPriceIn(market, book);
  return addMeasures(book, values, chargeBook(market, book, values, measures, poolPriceUsd, kept), poolPriceUsd);
}

/** Returns the measures of a book's units, with the charges and credits beyond them. */
export function chargeBook(
  market: Market,
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  poolPriceUsd: number,
  kept?: JointSums,
): JointCharges {
  const charges = chargePool(market.parameters, book, values, units, poolPriceUsd);
  return chargeJointly(market, book, values, units, charges, poolPriceUsd, kept);
}

/**
 * Builds the evaluation of a book from the measures of all its units, the charges beyond them and the holdings set
 * aside.
 */
export function addMeasures(
  book: Book,
  values: readonly CurrencyValue[],
  joint: JointCharges,
  poolPriceUsd: number,
): Evaluation {
  const value = valuePool(book, values, poolPriceUsd);
  const { units, notes } = joint;
  return {
    ...value,
    units,
    notes,
    ...boundRequirement(book, values, value, joint, poolPriceUsd),
  };
}

/** The losses of one unit that its scan risk is found from, for explanation. */
export interface UnitScenarioLosses {
  readonly underlying: string;
  readonly set: ScenarioSet;
  /**
   * The loss in each scenario of the set, in pool currency. A loss is positive, and extended scenarios are weighted and
   * dampened.
   */
  readonly losses: Float64Array;
}

/**
 * Returns the losses of one unit in each scenario of its set, in pool currency, weighted and dampened. Its scan looks
 * at these.
 */
export function scanUnit(market: Market, book: Book, unit: BookUnit): Float64Array {
  const view = market.views[unit.underlyingIndex]!;
  const losses = new Float64Array(view.set.scenarioCount);
  const values = valueCurrencies(market, book);
  const settled = settleLosses(market, unit, view);
  scanInto(losses, book, unit, view, settled, values, poolPriceIn(market, book));
  return losses;
}

/**
 * Writes the losses that scanUnit returns to losses[0 ...]. Returns the size of the balances that were revalued, in
 * units of the underlying.
 */
function scanInto(
  losses: Float64Array,
  book: Book,
  unit: BookUnit,
  view: MovedPrices,
  settled: SettledLosses,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): number {
  const balanceExposure = computePoolLosses(losses, book, unit, view, settled, values, poolPriceUsd);
  const poolIsCoin = book.pool.poolCurrency === unit.underlying;
  const { priceScanRange, extendedDampenerUsd } = view.scan;
  dampenExtendedLosses(losses, view.set, priceScanRange, extendedDampenerUsd, poolPriceUsd, poolIsCoin);
  return balanceExposure;
}

/** Sums the risk arrays of a unit at the prices of a view. */
function settleLosses(market: Market, unit: BookUnit, view: UnderlyingView): SettledLosses {
  const { scenarioCount } = view.set;
  const count = unit.rows.length;
  if (offsetScratch.length < count) offsetScratch = new Int32Array(2 * count);
  for (let position = 0; position < count; position += 1) {
    offsetScratch[position] = getRiskArray(market, view, unit.rows[position]!);
  }
  const sums = settledScratch(scenarioCount * unit.segments.length);
  sumSegments(sums, unit, view.arrays, offsetScratch, scenarioCount);
  return { sums, start: 0, stride: scenarioCount };
}

/**
 * Prices the holdings of a book. Returns the values of its currencies, with profit and option value by settlement
 * currency. The units among `priced` already are at the prices of the market.
 */
export function valueCurrencies(market: Market, book: Book, priced: readonly BookUnit[] = []): CurrencyValue[] {
  const values = emptyValues(market, book);
  for (const unit of book.units) {
    if (priced.includes(unit)) addSegments(values, unit);
    else addPricedValues(values, market, unit);
  }
  setMovingShares(market, book, values);
  return values;
}

/** Prices a unit, and adds its profit and option value to the currencies that it settles in. */
export function addPricedValues(values: readonly CurrencyValue[], market: Market, unit: BookUnit): void {
  const view = market.views[unit.underlyingIndex]!;
  unit.indexPrice = view.indexPrice;
  for (let position = 0; position < unit.quantities.length; position += 1) {
    const row = getRow(market, view, unit.instrumentIndexes[position]!);
    unit.rows[position] = row;
    unit.markPrices[position] = row.markPrice;
    unit.deltas[position] = row.delta;
  }
  addUnitValues(values, unit);
}

/** Adds the profit and option value of a unit at its marks to the currencies that it settles in. */
export function addUnitValues(values: readonly CurrencyValue[], unit: BookUnit): void {
  for (const [segment, { start, end }] of unit.segments.entries()) {
    let profit = 0;
    let optionValue = 0;
    for (let position = start; position < end; position += 1) {
      const row = unit.rows[position]!;
      const markPrice = unit.markPrices[position]!;
      if (row.isPaidFor) optionValue += unit.quantities[position]! * (row.contractSize * markPrice);
      else profit += unrealisedProfit(unit, position, row, markPrice);
    }
    unit.profits[segment] = profit;
    unit.optionValues[segment] = optionValue;
  }
  addSegments(values, unit);
}

/** Adds the profit and option value that a unit was last valued at to the currencies that it settles in. */
function addSegments(values: readonly CurrencyValue[], { segments, profits, optionValues }: BookUnit): void {
  for (const [segment, { currencyIndex }] of segments.entries()) {
    const value = values[currencyIndex]!;
    value.unrealisedProfit += profits[segment]!;
    value.optionValue += optionValues[segment]!;
  }
}

/** Returns what a unit's method requires of it, at the prices at which the unit was last valued. */
export function measureUnit(
  market: Market,
  book: Book,
  unit: BookUnit,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): UnitMeasure {
  const view = market.views[unit.underlyingIndex]!;
  const rule = book.method.unit;
  if (rule.reads === "risk_arrays") {
    const settled = settleLosses(market, unit, view);
    return measureScanned(rule, market.parameters, book, unit, view, settled, values, poolPriceUsd);
  }
  const methodUnit = buildMethodUnit(market, book, unit, view, values);
  const balanceExposure = Math.abs(methodUnit.balanceUsd / view.indexPrice);
  const exposure = collectExposure(unit, view, balanceExposure, poolPriceUsd);
  const measure = measureMethodUnit(rule, methodUnit, exposure, poolPriceUsd);
  const size = findSize(book, unit.underlying);
  const sized = addSizeCharges(measure, size, exposure, poolPriceUsd);
  return addSharedCharges(sized, market.parameters, book, unit, view, values, poolPriceUsd);
}

/** Returns what a method that reads risk arrays requires of a unit whose arrays are summed. */
export function measureScanned(
  rule: ArraysRule,
  parameters: ParameterSet,
  book: Book,
  unit: BookUnit,
  view: MovedPrices,
  settled: SettledLosses,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): UnitMeasure {
  const losses = lossScratch(view.set.scenarioCount);
  const balanceExposure = scanInto(losses, book, unit, view, settled, values, poolPriceUsd);
  const exposure = collectExposure(unit, view, balanceExposure, poolPriceUsd);
  const measure = rule.measure(losses, view, exposure, poolPriceUsd);
  const sized = addSizeCharges(measure, findSize(book, unit.underlying), exposure, poolPriceUsd);
  return addSharedCharges(sized, parameters, book, unit, view, values, poolPriceUsd);
}

function collectExposure(unit: BookUnit, view: MovedPrices, balanceExposure: number, poolPriceUsd: number) {
  const expiryDeltas = zeros(unit.expiryBucketCount);
  const expiryRates = zeros(unit.expiryBucketCount);
  const strikeQuantities = zeros(unit.strikeBucketCount);
  let perpetualExpiry = -1;
  let grossDelta = balanceExposure;
  let grossNotional = 0;
  let netDelta = 0;
  let futureUnits = 0;
  let optionUnits = 0;
  let shortOptionUnits = 0;
  for (let position = 0; position < unit.quantities.length; position += 1) {
    const row = unit.rows[position]!;
    const quantity = unit.quantities[position]!;
    const contractDelta = unit.deltas[position]!;
    const delta = quantity * contractDelta;
    const expiry = unit.expiryBuckets[position]!;
    expiryDeltas[expiry] = expiryDeltas[expiry]! + delta;
    expiryRates[expiry] = row.calendarRate;
    if (row.isPerpetual) perpetualExpiry = expiry;
    grossDelta += Math.abs(delta);
    netDelta += delta;
    if (row.strikeTerms !== null) {
      const size = quantity * row.contractSize;
      optionUnits += Math.abs(size);
      shortOptionUnits += Math.max(0, -size);
    } else {
      futureUnits += Math.abs(delta);
    }
    const underlyingSize = row.strikeTerms !== null ? row.contractSize : contractDelta;
    grossNotional += Math.abs(quantity) * underlyingSize;
    const strike = unit.strikeBuckets[position]!;
    if (strike >= 0) strikeQuantities[strike] = strikeQuantities[strike]! + quantity * row.contractSize;
  }
  const { quality, confidenceWidth } = view.state;
  return {
    indexPrice: view.indexPrice / poolPriceUsd,
    grossDelta,
    grossNotional,
    netDelta,
    positionDelta: grossDelta - balanceExposure,
    futureUnits,
    optionUnits,
    shortOptionUnits,
    // A degraded price is no more certain than a widened one.
    confidenceWidth: quality === "good" ? 0 : confidenceWidth,
    expiryDeltas,
    expiryRates,
    perpetualExpiry,
    strikeQuantities,
  };
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
