import type { Position } from "../../model/index.ts";
import { accruedFunding } from "../../perpetuals/index.ts";
import type { InstrumentFacts } from "../market/instrument-facts.ts";
import type { Market } from "../market/market.ts";
import type { BookUnit } from "./book.ts";
import { netAmount } from "./net.ts";

/** A fill with the facts that the market knows of its instrument. */
export interface KnownFill {
  readonly position: Position;
  readonly instrumentIndex: number;
  readonly facts: InstrumentFacts;
  /** The gain of one long contract through funding that is not paid yet, in settlement currency. */
  readonly fundingGain: number;
}

/** The columns of a unit that its fills alone decide. */
export type UnitColumns = Pick<
  BookUnit,
  "instrumentIndexes" | "quantities" | "accruedFunding" | "fillStarts" | "fillQuantities" | "fillEntryPrices"
>;

/** Looks up a position in an instrument that the market has. */
export function knownFill(market: Market, position: Position): KnownFill {
  const instrumentIndex = market.instrumentIndexes.get(position.instrumentId)!;
  const cumulative = market.snapshot.instruments[instrumentIndex]!.funding?.cumulative ?? 0;
  const { fundingIndex } = position;
  const fundingGain = fundingIndex === undefined ? 0 : accruedFunding(1, cumulative, fundingIndex);
  return { position, instrumentIndex, facts: market.facts[instrumentIndex]!, fundingGain };
}

/** The greatest count of fills that sortFills can number in the digits below a rank. */
const FILL_PLACES = 2 ** 24;

/** Returns the fills in the order of summation. Fills of one instrument stand together, sorted by entry price. */
export function sortFills(fills: readonly KnownFill[]): KnownFill[] {
  // Numbers sort several times faster than objects do. A rank and the fill's own place make one whole number.
  const keys = new Float64Array(fills.length);
  for (let place = 0; place < keys.length; place += 1) keys[place] = fills[place]!.facts.rank * FILL_PLACES + place;
  keys.sort();
  const sorted: KnownFill[] = [];
  for (let place = 0; place < keys.length; place += 1) sorted.push(fills[keys[place]! % FILL_PLACES]!);
  for (let start = 0; start < sorted.length; ) {
    const end = runEnd(sorted, start);
    if (end - start > 1) {
      const alike = sorted.slice(start, end).sort(compareEntries);
      for (let place = start; place < end; place += 1) sorted[place] = alike[place - start]!;
    }
    start = end;
  }
  return sorted;
}

function compareEntries({ position: a }: KnownFill, { position: b }: KnownFill): number {
  return a.entryPrice - b.entryPrice;
}

/** Returns the end of the run of fills of one instrument that starts at `start`. */
function runEnd(fills: readonly KnownFill[], start: number): number {
  const { instrumentIndex } = fills[start]!;
  let end = start + 1;
  while (end < fills.length && fills[end]!.instrumentIndex === instrumentIndex) end += 1;
  return end;
}

/** Nets the fills from `start` to `end` - 1, which must be in the order of summation, into columns. */
export function netColumns(fills: readonly KnownFill[], start = 0, end = fills.length): UnitColumns {
  const instrumentIndexes: number[] = [];
  const quantities: number[] = [];
  const unpaidFunding: number[] = [];
  const fillStarts = [0];
  const fillQuantities: number[] = [];
  const fillEntryPrices: number[] = [];
  for (let first = start; first < end; ) {
    const last = runEnd(fills, first);
    instrumentIndexes.push(fills[first]!.instrumentIndex);
    quantities.push(netFills(fills, first, last, fillQuantities, fillEntryPrices));
    unpaidFunding.push(sumFunding(fills, first, last));
    fillStarts.push(fillQuantities.length);
    first = last;
  }
  return { instrumentIndexes, quantities, accruedFunding: unpaidFunding, fillStarts, fillQuantities, fillEntryPrices };
}

/**
 * Nets fills[start] to fills[end - 1], all of one instrument, per entry price. It appends them to the two lists, and
 * returns the net quantity of all.
 */
function netFills(
  fills: readonly KnownFill[],
  start: number,
  end: number,
  fillQuantities: number[],
  fillEntryPrices: number[],
): number {
  if (end - start === 1) {
    const { quantity, entryPrice } = fills[start]!.position;
    fillQuantities.push(quantity);
    fillEntryPrices.push(entryPrice);
    return quantity;
  }
  const quantities: number[] = [];
  let samePrice: number[] = [];
  for (let fill = start; fill < end; fill += 1) {
    const { quantity, entryPrice } = fills[fill]!.position;
    quantities.push(quantity);
    samePrice.push(quantity);
    if (fill + 1 < end && fills[fill + 1]!.position.entryPrice === entryPrice) continue;
    fillEntryPrices.push(entryPrice);
    fillQuantities.push(netAmount(samePrice));
    samePrice = [];
  }
  return netAmount(quantities);
}

/** Returns what fills[start] to fills[end - 1], all of one instrument, have gained by funding that is not paid yet. */
function sumFunding(fills: readonly KnownFill[], start: number, end: number): number {
  let first = start;
  while (first < end && fills[first]!.fundingGain === 0) first += 1;
  if (first === end) return 0;
  const held = fills.slice(first, end).filter(({ fundingGain }) => fundingGain !== 0);
  const byGain = [...Map.groupBy(held, ({ fundingGain }) => fundingGain)].sort(([a], [b]) => a - b);
  return byGain.reduce(
    (sum, [gain, alike]) => sum + gain * netAmount(alike.map(({ position }) => position.quantity)),
    0,
  );
}

/**
 * Returns columns with all fills of one instrument replaced by others, which may be none and are sorted by entry price.
 * All else is copied, and not netted or sorted again. The list of instruments is the same object if it has not changed.
 */
export function replaceInstrument(
  { facts }: Market,
  columns: UnitColumns,
  instrumentIndex: number,
  fills: readonly KnownFill[],
): UnitColumns {
  const { instrumentIndexes, fillStarts } = columns;
  const place = placeOf(facts, instrumentIndexes, facts[instrumentIndex]!.rank);
  const gone = instrumentIndexes[place] === instrumentIndex ? 1 : 0;
  const first = fillStarts[place]!;
  const fillsGone = fillStarts[place + gone]! - first;
  const own = netColumns(fills);
  const shift = own.fillQuantities.length - fillsGone;
  const starts = fillStarts.slice(0, place + 1);
  if (own.quantities.length > 0) starts.push(first + own.fillQuantities.length);
  for (let later = place + gone + 1; later < fillStarts.length; later += 1) starts.push(fillStarts[later]! + shift);
  return {
    instrumentIndexes:
      gone === own.instrumentIndexes.length
        ? instrumentIndexes
        : spliced(instrumentIndexes, place, gone, own.instrumentIndexes),
    quantities: spliced(columns.quantities, place, gone, own.quantities),
    accruedFunding: spliced(columns.accruedFunding, place, gone, own.accruedFunding),
    fillStarts: starts,
    fillQuantities: spliced(columns.fillQuantities, first, fillsGone, own.fillQuantities),
    fillEntryPrices: spliced(columns.fillEntryPrices, first, fillsGone, own.fillEntryPrices),
  };
}

/** Returns the place of the first position whose rank is at least `rank`. */
function placeOf(facts: Market["facts"], instrumentIndexes: readonly number[], rank: number): number {
  let [low, high] = [0, instrumentIndexes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (facts[instrumentIndexes[middle]!]!.rank < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spliced(column: readonly number[], start: number, gone: number, added: readonly number[]): number[] {
  const copy = column.slice();
  copy.splice(start, gone, ...added);
  return copy;
}
