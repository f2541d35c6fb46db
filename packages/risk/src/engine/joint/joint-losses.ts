import {
  accumulateLosses,
  createRiskArrays,
  createScratch,
  type RiskArrays,
  releaseRiskArrays,
  reserveRiskArray,
} from "../../arrays/index.ts";
import { isMeasuredJointly } from "../../methods/margin-method.ts";
import type { JointPart } from "../../methods/var/requirement.ts";
import { isDatedOption, type QuotedInstrument } from "../../model/index.ts";
import { exp } from "../../numbers/index.ts";
import { buildVolatilitySurface, collectExpiryMarks, type VolatilitySlice } from "../../volatility/index.ts";
import type { Book, BookCurrency, BookUnit } from "../book/book.ts";
import { costOfLoss, isOffPar, isRevalued } from "../book/currency-rates.ts";
import { findJointMarket, isJointFault, type JointMarket } from "../market/joint-market.ts";
import type { InstrumentRow, Market, UnderlyingView } from "../market/market.ts";
import { type CurrencyValue, ledgerOf, unrealisedProfit } from "../value/currency-value.ts";
import { writeJointArray } from "./joint-array.ts";
import { type JointSums, KEPT_STEP, restoreSums } from "./joint-sums.ts";

/** The joint risk arrays of the instruments of one view. Each is written when it is first asked for. */
interface JointArrays {
  readonly arrays: RiskArrays;
  readonly offsets: Map<number, number>;
  readonly smiles: Map<number, VolatilitySlice | null>;
}

const arraysOfViews = new WeakMap<UnderlyingView, Map<JointMarket, JointArrays>>();

function arraysOf(view: UnderlyingView, joint: JointMarket): JointArrays {
  let ofView = arraysOfViews.get(view);
  if (ofView === undefined) {
    ofView = new Map();
    arraysOfViews.set(view, ofView);
  }
  let arrays = ofView.get(joint);
  if (arrays === undefined) {
    arrays = { arrays: createRiskArrays(joint.scenarioCount), offsets: new Map(), smiles: new Map() };
    ofView.set(joint, arrays);
  }
  return arrays;
}

/** Returns how many numbers the joint risk arrays of a view hold. */
export function countJointNumbers(view: UnderlyingView): number {
  return [...(arraysOfViews.get(view)?.values() ?? [])].reduce((sum, { arrays }) => sum + arrays.used, 0);
}

/** Drops the joint risk arrays of a view and frees their memory. */
export function releaseJointArrays(view: UnderlyingView): void {
  for (const { arrays } of arraysOfViews.get(view)?.values() ?? []) releaseRiskArrays(arrays);
  arraysOfViews.delete(view);
}

function offsetOf(market: Market, joint: JointMarket, view: UnderlyingView, index: number, row: InstrumentRow): number {
  const own = arraysOf(view, joint);
  const known = own.offsets.get(index);
  if (known !== undefined) return known;
  const offset = reserveRiskArray(own.arrays, joint.scenarioCount);
  const rule = joint.parameters.volatility;
  // The checks of a book have found that its underlyings have moves.
  const columns = joint.columnsOf(view.state.underlying)!;
  writeJointArray(own.arrays.buffer, offset, row.quoted, {
    columns,
    stressFrom: joint.tailCount,
    stressTo: joint.tailCount + joint.stressCount,
    scan: view.scan,
    asOfMs: market.snapshot.asOfMs,
    smile: rule.smile === "sticky_delta" ? findSmile(market, own, row.quoted) : null,
  });
  own.offsets.set(index, offset);
  return offset;
}

/**
 * Returns the smile of an option's expiry at the prices of a view. It is null for any other instrument, or if no smile
 * is known.
 */
function findSmile(
  market: Market,
  own: JointArrays,
  { instrument, forwardPrice }: QuotedInstrument,
): VolatilitySlice | null {
  if (!isDatedOption(instrument)) return null;
  const { expiryMs, underlying } = instrument;
  const known = own.smiles.get(expiryMs);
  if (known !== undefined) return known;
  const sameExpiry = market.snapshot.instruments.filter(
    ({ instrument: other }) => isDatedOption(other) && other.underlying === underlying && other.expiryMs === expiryMs,
  );
  // When the view is moved, strikes keep their volatilities but their distance from the forward changes.
  const moved = sameExpiry.map((quoted) => ({ ...quoted, forwardPrice }));
  const [slice] = buildVolatilitySurface(collectExpiryMarks(moved, market.snapshot.asOfMs)).slices;
  own.smiles.set(expiryMs, slice ?? null);
  return slice ?? null;
}

const settledScratch = createScratch();

/** A book at the prices of a market, ready to be revalued in joint scenarios. */
export interface JointBook {
  readonly market: Market;
  readonly book: Book;
  readonly joint: JointMarket;
  readonly values: readonly CurrencyValue[];
  readonly poolPriceUsd: number;
}

/**
 * Computes the losses of a book in each joint scenario, by underlying, in pool currency. With X(c) the price of
 * currency c, Q the pool's, and X' in the scenario, they are the sum over c of L(c) X'(c)/X'(Q) + N(c) (X(c)/X(Q) -
 * X'(c)/X'(Q)). L is what positions lose, and N what is held: collateral, gains and option value. The formula is that
 * of computePoolLosses, stablecoins off their par included, but here all prices move at once. Collateral that is not to
 * move in scenarios stands still unless it is owed. A currency that a scenario itself takes off its peg always moves.
 */
export function computeJointParts(priced: JointBook, kept: JointSums = nothingKept): JointPart[] {
  const { book, joint } = priced;
  const parts = new Map<string, Float64Array>();
  const partOf = (underlying: string) => {
    let losses = parts.get(underlying);
    if (losses === undefined) {
      losses = new Float64Array(joint.scenarioCount);
      parts.set(underlying, losses);
    }
    return losses;
  };
  for (const unit of book.units) {
    for (const { start, end } of unit.segments) addPositions(partOf(unit.underlying), priced, unit, start, end, kept);
  }
  for (const { underlying, losses } of computeBalanceParts(priced)) {
    const sum = partOf(underlying);
    for (let s = 0; s < sum.length; s += 1) sum[s] = sum[s]! + losses[s]!;
  }
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([underlying, losses]) => ({ underlying, losses }));
}

/** The loss of one balance as a part of a book's losses. */
export interface BalancePart extends JointPart {
  readonly asset: string;
  readonly amount: number;
}

/** Computes the loss of each balance that moves against the pool's currency. */
export function computeBalanceParts({ book, joint, values, poolPriceUsd }: JointBook): BalancePart[] {
  const pool = poolOf(book);
  return book.currencies.flatMap((currency, index): BalancePart[] => {
    const { collateral } = currency;
    if (collateral === 0 || currency === pool) return [];
    const value = values[index]!;
    const ratio = ratioOf(joint, currency, movesOf(currency, value), pool);
    if (ratio === null) return [];
    const worth = collateral * value.movingShare * (value.priceUsd / poolPriceUsd);
    const losses = new Float64Array(joint.scenarioCount);
    for (let s = 0; s < losses.length; s += 1) losses[s] = worth * (1 - ratio[s]!);
    return [{ underlying: nameOf(joint, currency, pool), losses, asset: currency.currency, amount: collateral }];
  });
}

/**
 * Returns `all` if holdings in a currency move with coins, or `pegs` if they move only where a scenario takes the
 * currency off its peg.
 */
function movesOf(currency: BookCurrency, value: CurrencyValue): "all" | "pegs" {
  return isRevalued(currency, ledgerOf(currency.collateral, value), false) ? "all" : "pegs";
}

/**
 * Returns the most, in US dollars, that a US dollar held in a currency loses in any joint scenario against the pool's
 * currency. It is at least 0.
 */
export function greatestLossShare(
  joint: JointMarket,
  book: Book,
  currency: BookCurrency,
  value: CurrencyValue,
): number {
  const pool = poolOf(book);
  if (currency === pool) return 0;
  const ratio = ratioOf(joint, currency, movesOf(currency, value), pool);
  return ratio === null ? 0 : ratio.reduce((most, own) => Math.max(most, 1 - own), 0);
}

function poolOf({ pool, currencies }: Book): BookCurrency {
  return currencies.find(({ currency }) => currency === pool.poolCurrency)!;
}

/**
 * Adds the losses of positions `start` to `end` - 1 of a unit in each scenario. All of them must settle in one
 * currency. The losses include what their gains and option value lose with that currency. `known` are sums that are
 * not taken again.
 */
export function addPositions(
  losses: Float64Array,
  { market, book, joint, values, poolPriceUsd }: JointBook,
  unit: BookUnit,
  start: number,
  end: number,
  known: JointSums = nothingKept,
): void {
  const count = joint.scenarioCount;
  const scratch = settledScratch(count);
  const settled = scratch.length === count ? scratch : scratch.subarray(0, count);
  const { currencyIndex } = unit.segments.find((segment) => start >= segment.start && start < segment.end)!;
  const currency = book.currencies[currencyIndex]!;
  const value = values[currencyIndex]!;
  const rate = value.priceUsd / poolPriceUsd;
  const from = restoreSums(settled, unit, start, end, known);
  sumPositions(settled, market, joint, unit, from, end);
  if (isOffPar(currency, value)) {
    const held = ledgerOf(currency.collateral, value);
    for (let s = 0; s < count; s += 1) settled[s] = costOfLoss(settled[s]!, held, value);
  }
  const pool = poolOf(book);
  const ratio = ratioOf(joint, currency, "all", pool);
  if (ratio === null) {
    for (let s = 0; s < count; s += 1) losses[s] = losses[s]! + rate * settled[s]!;
    return;
  }
  let gained = 0;
  for (let position = start; position < end; position += 1) gained += gainOf(unit, position);
  const moving = gained * value.movingShare;
  const kept = ratioOf(joint, currency, movesOf(currency, value), pool);
  for (let s = 0; s < count; s += 1) {
    const lost = kept === null ? 0 : 1 - kept[s]!;
    losses[s] = losses[s]! + rate * (settled[s]! * ratio[s]! + moving * lost);
  }
}

/** Adds quantity x joint risk array of positions `from` to `end` - 1 of a unit to `sums`, in the order of the positions. */
function sumPositions(
  sums: Float64Array,
  market: Market,
  joint: JointMarket,
  unit: BookUnit,
  from: number,
  end: number,
): void {
  const view = market.views[unit.underlyingIndex]!;
  const offsets = unit.rows.map((row, position) =>
    position < from || position >= end ? 0 : offsetOf(market, joint, view, unit.instrumentIndexes[position]!, row),
  );
  accumulateLosses(sums, arraysOf(view, joint).arrays, offsets, unit.quantities, from, end, joint.scenarioCount);
}

const nothingKept: JointSums = new Map();

/**
 * Returns the sums of the joint risk arrays of a valued book, kept for books that share its first positions. They are
 * none if no joint scenario moves the book.
 */
export function keepJointSums(market: Market, book: Book): JointSums {
  if (!isMeasuredJointly(book.method)) return nothingKept;
  const joint = findJointMarket(market);
  if (isJointFault(joint)) return nothingKept;
  const sumsOf = (unit: BookUnit, start: number, end: number) => {
    const sums = new Float64Array(joint.scenarioCount);
    const kept: Float64Array[] = [];
    for (let from = start; from < end; from += KEPT_STEP) {
      sumPositions(sums, market, joint, unit, from, Math.min(end, from + KEPT_STEP));
      kept.push(sums.slice());
    }
    return kept;
  };
  return new Map(book.units.map((unit) => [unit, unit.segments.map(({ start, end }) => sumsOf(unit, start, end))]));
}

/**
 * Returns the worth of a position in settlement currency: the value of an option, or the gain of any other instrument.
 */
function gainOf(unit: BookUnit, position: number): number {
  const row = unit.rows[position]!;
  const mark = unit.markPrices[position]!;
  return row.isPaidFor
    ? unit.quantities[position]! * (row.contractSize * mark)
    : unrealisedProfit(unit, position, row, mark);
}

/**
 * Returns ln(price after / price before) of a currency in each scenario, or null if it stands still. `pegs` leaves out
 * the moves that follow coins.
 */
function logMovesOf(
  joint: JointMarket,
  { currency, powers }: BookCurrency,
  which: "all" | "pegs",
): Float64Array | null {
  const own = joint.coins.has(currency) ? null : joint.columnsOf(currency);
  const followed = which === "pegs" ? [] : powers.filter(({ underlying }) => joint.coins.has(underlying));
  if (followed.length === 0) return own?.logPriceMultiplier ?? null;
  if (followed.length === 1 && followed[0]!.power === 1 && own === null) {
    return joint.columnsOf(followed[0]!.underlying)?.logPriceMultiplier ?? null;
  }
  const moves = new Float64Array(joint.scenarioCount);
  for (const { underlying, power } of followed) {
    const columns = joint.columnsOf(underlying)!;
    for (let s = 0; s < moves.length; s += 1) moves[s] = moves[s]! + power * columns.logPriceMultiplier[s]!;
  }
  for (let s = 0; own !== null && s < moves.length; s += 1) moves[s] = moves[s]! + own.logPriceMultiplier[s]!;
  return moves;
}

/**
 * Returns X'(c) / X'(Q) over X(c) / X(Q) in each scenario, or null if it is always 1. It is the same for every book.
 */
function ratioOf(
  joint: JointMarket,
  currency: BookCurrency,
  which: "all" | "pegs",
  pool: BookCurrency,
): Float64Array | null {
  const pair = `${currency.currency} ${which} ${pool.currency}`;
  const known = joint.ratios.get(pair);
  if (known !== undefined) return known;
  const moves = logMovesOf(joint, currency, which);
  const poolMoves = logMovesOf(joint, pool, "all");
  const ratio =
    moves === poolMoves
      ? null
      : Float64Array.from({ length: joint.scenarioCount }, (_, s) => exp((moves?.[s] ?? 0) - (poolMoves?.[s] ?? 0)));
  joint.ratios.set(pair, ratio);
  return ratio;
}

/**
 * Returns the name under which a balance's risk is listed. That is the coin that the balance follows. For cash in a
 * coin's pool it is the pool's coin, and for a peg the asset itself.
 */
function nameOf(joint: JointMarket, { currency, powers }: BookCurrency, pool: BookCurrency): string {
  const followed = powers.find(({ underlying }) => joint.coins.has(underlying));
  if (followed !== undefined) return followed.underlying;
  return joint.coins.has(pool.currency) ? pool.currency : currency;
}
