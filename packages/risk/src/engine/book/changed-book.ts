import type { CollateralBalance, Pool, Position } from "../../model/index.ts";
import { findJointFault } from "../market/joint-market.ts";
import type { Market } from "../market/market.ts";
import type { Book, BookCurrency, BookUnit } from "./book.ts";
import { buildUnit, collectCurrencies, collectUnits, emptyUnit, rebuildUnit } from "./create-book.ts";
import { findLossBounds } from "./loss-bounds.ts";
import { findBalanceFault, findPoolFault, findPositionFault } from "./pool-faults.ts";
import {
  type KnownFill,
  knownFill,
  netColumns,
  replaceInstrument,
  sortFills,
  type UnitColumns,
} from "./unit-columns.ts";

/** A book with its fills, from which the books of pools that differ in few holdings are made. */
export interface BaseBook {
  readonly book: Book;
  /** The fills of each instrument, by its index in the snapshot. */
  readonly fills: ReadonlyMap<number, readonly KnownFill[]>;
}

/** Returns a book as a base, or null if it does not count its pool's holdings as they are. */
export function createBaseBook(market: Market, book: Book): BaseBook | null {
  if (book.setAside !== null || book.settled.length > 0) return null;
  const fills = book.pool.positions.map((position) => knownFill(market, position));
  return { book, fills: Map.groupBy(fills, ({ instrumentIndex }) => instrumentIndex) };
}

/**
 * Creates the book of a pool that differs from a base in few holdings. All its bits are those of createBook. What
 * differs is found by comparing the pools, so that nobody can misstate it. A unit of the base is shared, as the same
 * object, if its positions are the same and the currencies have the same places. The result is null if the pool differs
 * in too much, or if something new in it has a fault.
 */
export function createChangedBook(market: Market, base: BaseBook, pool: Pool): Book | null {
  const { book } = base;
  const { pool: before, method } = book;
  if (pool.methodId !== before.methodId || pool.poolCurrency !== before.poolCurrency) return null;
  const changes = findChanges(before.positions, pool.positions);
  if (changes === null || findPoolFault(market, pool) !== null) return null;
  if (changes.added.some((position) => findPositionFault(market, pool, method, position) !== null)) return null;
  const isPaidAlike =
    before.collateral.length === pool.collateral.length && before.collateral.every(isSameBalance(pool));
  if (!isPaidAlike && pool.collateral.some((balance) => findBalanceFault(market, pool, method, balance) !== null)) {
    return null;
  }
  const columns = changeColumns(market, base, changes);
  const currencies = shareCurrencies(book, collectCurrencies(market, pool, settledIn(market, book, columns)));
  const units = shareUnits(market, book, pool, currencies, columns);
  const lossBounds = findLossBounds(market, pool, units, currencies, book);
  const changed: Book = { pool, method, units, currencies, lossBounds, setAside: null, settled: [] };
  return findJointFault(market, changed) === null ? changed : null;
}

/** The positions that only one of two pools has. */
interface Changes {
  readonly added: readonly Position[];
  /** Objects of the first pool. */
  readonly removed: readonly Position[];
}

/** The number of added and removed positions above which a book is created anew, which is then about as fast. */
const CHANGES_LIMIT = 32;

/**
 * Compares two lists of positions in one go, so positions are recognised only where they keep their order. A position
 * that is missed counts as removed and added, which changes nothing. The result is null above CHANGES_LIMIT.
 */
function findChanges(before: readonly Position[], after: readonly Position[]): Changes | null {
  const added: Position[] = [];
  const removed: Position[] = [];
  let [from, to] = [0, 0];
  while (from < before.length || to < after.length) {
    const [old, own] = [before[from], after[to]];
    if (isSamePosition(old, own)) {
      from += 1;
      to += 1;
      continue;
    }
    const isRemoved = own === undefined || (from + 1 < before.length && isSamePosition(before[from + 1], own));
    const isAdded = old === undefined || (to + 1 < after.length && isSamePosition(old, after[to + 1]));
    if (old !== undefined && (isRemoved || !isAdded)) {
      removed.push(old);
      from += 1;
    }
    if (own !== undefined && !isRemoved) {
      added.push(own);
      to += 1;
    }
    if (added.length + removed.length > CHANGES_LIMIT) return null;
  }
  return { added, removed };
}

function isSamePosition(a: Position | undefined, b: Position | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.instrumentId === b.instrumentId &&
    Object.is(a.quantity, b.quantity) &&
    Object.is(a.entryPrice, b.entryPrice) &&
    Object.is(a.fundingIndex, b.fundingIndex) &&
    Object.is(a.assumedEntryPrice, b.assumedEntryPrice)
  );
}

function isSameBalance({ collateral }: Pool) {
  return ({ asset, amount }: CollateralBalance, index: number): boolean =>
    collateral[index]!.asset === asset && Object.is(collateral[index]!.amount, amount);
}

/** Returns the columns of the units whose positions have changed, by the index of their underlying. */
function changeColumns(
  market: Market,
  { book, fills }: BaseBook,
  { added, removed }: Changes,
): ReadonlyMap<number, UnitColumns> {
  const changed = new Map<number, KnownFill[]>();
  const ofInstrument = (index: number) => {
    const own = changed.get(index) ?? [...(fills.get(index) ?? [])];
    changed.set(index, own);
    return own;
  };
  for (const position of removed) {
    const own = ofInstrument(market.instrumentIndexes.get(position.instrumentId)!);
    own.splice(
      own.findIndex((fill) => fill.position === position),
      1,
    );
  }
  for (const position of added) {
    const fill = knownFill(market, position);
    ofInstrument(fill.instrumentIndex).push(fill);
  }
  const columns = new Map<number, UnitColumns>();
  for (const [instrumentIndex, own] of changed) {
    const { underlyingIndex } = market.facts[instrumentIndex]!;
    const before = columns.get(underlyingIndex) ?? unitAt(book, underlyingIndex) ?? netColumns([]);
    columns.set(underlyingIndex, replaceInstrument(market, before, instrumentIndex, sortFills(own)));
  }
  return columns;
}

function unitAt({ units }: Book, underlyingIndex: number): BookUnit | undefined {
  return units.find((unit) => unit.underlyingIndex === underlyingIndex);
}

/** Returns the currencies that the positions settle in once columns have changed. */
function settledIn(market: Market, { units, currencies }: Book, columns: ReadonlyMap<number, UnitColumns>) {
  const names = new Set<string>();
  for (const { underlyingIndex, segments } of units) {
    if (columns.has(underlyingIndex)) continue;
    for (const { currencyIndex } of segments) names.add(currencies[currencyIndex]!.currency);
  }
  let last = "";
  for (const { instrumentIndexes } of columns.values()) {
    for (const index of instrumentIndexes) {
      const { settlementCurrency } = market.facts[index]!;
      if (settlementCurrency !== last) names.add(settlementCurrency);
      last = settlementCurrency;
    }
  }
  return names;
}

/** Returns the currencies with those of a book in the place of their equals. */
function shareCurrencies({ currencies: known }: Book, currencies: readonly BookCurrency[]): BookCurrency[] {
  return currencies.map(
    (own) =>
      known.find(({ currency, collateral }) => currency === own.currency && Object.is(collateral, own.collateral)) ??
      own,
  );
}

/** Collects the units of a pool, of which a book has all but those whose columns have changed. */
function shareUnits(
  market: Market,
  book: Book,
  pool: Pool,
  currencies: readonly BookCurrency[],
  columns: ReadonlyMap<number, UnitColumns>,
): BookUnit[] {
  const known = book.currencies;
  const isPlacedAlike =
    currencies.length === known.length &&
    currencies.every(({ currency }, index) => currency === known[index]!.currency);
  const findHeld = (underlying: string, underlyingIndex: number) => {
    const own = unitAt(book, underlyingIndex);
    const held = columns.get(underlyingIndex) ?? own;
    if (held === undefined || held.quantities.length === 0) return null;
    if (held === own && isPlacedAlike) return own;
    return isPlacedAlike && held.instrumentIndexes === own?.instrumentIndexes
      ? rebuildUnit(own, held)
      : buildUnit(market, underlying, underlyingIndex, held, currencies);
  };
  const emptyOf = (underlying: string, underlyingIndex: number) => {
    const own = isPlacedAlike ? unitAt(book, underlyingIndex) : undefined;
    return own?.quantities.length === 0 ? own : emptyUnit(underlying, underlyingIndex);
  };
  return collectUnits(market, pool, currencies, findHeld, emptyOf);
}
