import { pricePowers } from "../../collateral/index.ts";
import type { JointFault } from "../../methods/var/prepare-scenarios.ts";
import type { NotMarginedPool, Pool } from "../../model/index.ts";
import { compareText } from "../market/instrument-facts.ts";
import { findJointFault } from "../market/joint-market.ts";
import type { Market } from "../market/market.ts";
import type { Book, BookCurrency, BookUnit } from "./book.ts";
import { type KnownPart, keepKnown } from "./keep-known.ts";
import { findLossBounds } from "./loss-bounds.ts";
import { netAmount } from "./net.ts";
import { findPoolFault, isMarginable, refuse } from "./pool-faults.ts";
import { coinsScannedWith, movingCoins } from "./scanned-coins.ts";
import { knownFill, netColumns, sortFills, type UnitColumns } from "./unit-columns.ts";

/**
 * Nets and checks a pool against a market. Holdings that cannot be margined in full are set aside. A refusal names
 * the reason why nothing can be counted at all.
 */
export function createBook(market: Market, pool: Pool): Book | NotMarginedPool {
  const poolFault = findPoolFault(market, pool);
  if (poolFault !== null) return poolFault;
  const unmoved = new Map<string, JointFault>();
  let known: KnownPart = isMarginable(market, pool)
    ? { pool, setAside: null, settled: [] }
    : keepKnown(market, pool, unmoved);
  for (;;) {
    const book = netBook(market, known);
    const fault = findJointFault(market, book);
    if (fault === null) return book;
    if (fault.underlying === undefined || unmoved.has(fault.underlying)) {
      return refuse(market, pool, { code: "parameters_missing", ...fault });
    }
    unmoved.set(fault.underlying, fault);
    known = keepKnown(market, pool, unmoved);
  }
}

function netBook(market: Market, { pool, setAside, settled }: KnownPart): Book {
  const fills = sortFills(pool.positions.map((position) => knownFill(market, position)));
  const settledIn = new Set<string>();
  for (const { facts } of fills) settledIn.add(facts.settlementCurrency);
  const currencies = collectCurrencies(market, pool, settledIn);
  let start = 0;
  const units = collectUnits(market, pool, currencies, (underlying, underlyingIndex) => {
    const first = start;
    while (start < fills.length && fills[start]!.facts.underlyingIndex === underlyingIndex) start += 1;
    if (start === first) return null;
    return buildUnit(market, underlying, underlyingIndex, netColumns(fills, first, start), currencies);
  });
  const lossBounds = findLossBounds(market, pool, units, currencies);
  return { pool, method: market.methodOf(pool.methodId), units, currencies, lossBounds, setAside, settled };
}

/**
 * Collects the units of a pool, in their order. `findHeld` gives the unit of the positions on an underlying, or null if
 * there are none. It is asked once for each underlying, in order. A coin that only balances move with gets a unit from
 * `emptyOf`.
 */
export function collectUnits(
  market: Market,
  pool: Pool,
  currencies: readonly BookCurrency[],
  findHeld: (underlying: string, underlyingIndex: number) => BookUnit | null,
  emptyOf: (underlying: string, underlyingIndex: number) => BookUnit = emptyUnit,
): BookUnit[] {
  const coins = scannedCoins(market, pool, currencies);
  return market.underlyings.flatMap(({ underlying }, underlyingIndex) => {
    const held = findHeld(underlying, underlyingIndex);
    return held ?? (coins.has(underlying) ? emptyOf(underlying, underlyingIndex) : []);
  });
}

/** Collects the currencies of a pool, whose positions settle in `settledIn`. */
export function collectCurrencies(market: Market, pool: Pool, settledIn: ReadonlySet<string>): BookCurrency[] {
  const amounts = new Map<string, number[]>([[pool.poolCurrency, []]]);
  for (const currency of settledIn) if (!amounts.has(currency)) amounts.set(currency, []);
  for (const { asset, amount } of pool.collateral) {
    if (amount === 0) continue;
    const others = amounts.get(asset);
    if (others === undefined) amounts.set(asset, [amount]);
    else others.push(amount);
  }
  return [...amounts]
    .sort(([a], [b]) => compareText(a, b))
    .map(([currency, held]) => ({
      currency,
      collateral: netAmount(held),
      parameters: currency === pool.poolCurrency ? null : (market.collateral.get(currency) ?? null),
      powers: pricePowers(currency, market.collateral.get(currency)),
    }));
}

/**
 * Returns the coins whose price moves this pool even without a position on them. These are the coins scanned with its
 * balances. The pool's own coin is among them as soon as anything else is held against it.
 */
function scannedCoins(market: Market, pool: Pool, currencies: readonly BookCurrency[]): ReadonlySet<string> {
  const coins = currencies.flatMap(({ currency, collateral }) => {
    if (currency !== pool.poolCurrency) return coinsScannedWith(market, currency, collateral);
    return currencies.length > 1 ? movingCoins(market, currency) : [];
  });
  return new Set(coins.map(({ underlying }) => underlying));
}

const noColumns = netColumns([]);

/** Builds a unit without positions. */
export function emptyUnit(underlying: string, underlyingIndex: number): BookUnit {
  return placeUnit(underlying, underlyingIndex, noColumns, noBuckets, []);
}

/** Builds a unit from its columns, whose positions must be in the order of summation. */
export function buildUnit(
  market: Market,
  underlying: string,
  underlyingIndex: number,
  columns: UnitColumns,
  currencies: readonly BookCurrency[],
): BookUnit {
  const { instrumentIndexes } = columns;
  const buckets = collectBuckets(market, instrumentIndexes);
  return placeUnit(
    underlying,
    underlyingIndex,
    columns,
    buckets,
    collectSegments(market, instrumentIndexes, currencies),
  );
}

/** Builds a unit with the same instruments as another, whose other columns have changed. */
export function rebuildUnit(unit: BookUnit, columns: UnitColumns): BookUnit {
  return placeUnit(unit.underlying, unit.underlyingIndex, columns, unit, unit.segments);
}

type Buckets = Pick<BookUnit, "expiryBuckets" | "expiryBucketCount" | "strikeBuckets" | "strikeBucketCount">;

const noBuckets: Buckets = { expiryBuckets: [], expiryBucketCount: 0, strikeBuckets: [], strikeBucketCount: 0 };

/** The number of each key, plus 1, while keys are numbered. Between uses it is all 0. */
let numbered = new Int32Array(0);

/** Numbers the expiries and the strikes of positions, each in the order of first use. */
function collectBuckets({ facts }: Market, instrumentIndexes: readonly number[]): Buckets {
  const expiryKeys = instrumentIndexes.map((index) => facts[index]!.expiryKey);
  const strikeKeys = instrumentIndexes.map((index) => facts[index]!.strikeKey);
  if (numbered.length < facts.length) numbered = new Int32Array(facts.length);
  const [expiryBuckets, expiryBucketCount] = numberKeys(expiryKeys);
  const [strikeBuckets, strikeBucketCount] = numberKeys(strikeKeys);
  return { expiryBuckets, expiryBucketCount, strikeBuckets, strikeBucketCount };
}

/** Returns the number of each key, in the order of first use, and the count of numbers. A key of -1 keeps its -1. */
function numberKeys(keys: readonly number[]): [numbers: number[], count: number] {
  let count = 0;
  const numbers = keys.map((key) => {
    if (key < 0) return -1;
    if (numbered[key] === 0) {
      count += 1;
      numbered[key] = count;
    }
    return numbered[key]! - 1;
  });
  for (const key of keys) if (key >= 0) numbered[key] = 0;
  return [numbers, count];
}

/** Returns the runs of positions that settle in one currency. */
function collectSegments(
  { facts }: Market,
  instrumentIndexes: readonly number[],
  currencies: readonly BookCurrency[],
): BookUnit["segments"] {
  const segments: { currencyIndex: number; start: number; end: number }[] = [];
  let last = "";
  for (const [position, instrumentIndex] of instrumentIndexes.entries()) {
    const { settlementCurrency } = facts[instrumentIndex]!;
    if (settlementCurrency === last) segments[segments.length - 1]!.end = position + 1;
    else {
      last = settlementCurrency;
      const currencyIndex = currencies.findIndex(({ currency }) => currency === settlementCurrency);
      segments.push({ currencyIndex, start: position, end: position + 1 });
    }
  }
  return segments;
}

function placeUnit(
  underlying: string,
  underlyingIndex: number,
  columns: UnitColumns,
  buckets: Buckets,
  segments: BookUnit["segments"],
): BookUnit {
  const count = columns.quantities.length;
  return {
    underlying,
    underlyingIndex,
    instrumentIndexes: columns.instrumentIndexes,
    quantities: columns.quantities,
    accruedFunding: columns.accruedFunding,
    rows: [],
    markPrices: new Float64Array(count),
    deltas: new Float64Array(count),
    indexPrice: 0,
    profits: new Float64Array(segments.length),
    optionValues: new Float64Array(segments.length),
    segments,
    fillStarts: columns.fillStarts,
    fillQuantities: columns.fillQuantities,
    fillEntryPrices: columns.fillEntryPrices,
    expiryBuckets: buckets.expiryBuckets,
    expiryBucketCount: buckets.expiryBucketCount,
    strikeBuckets: buckets.strikeBuckets,
    strikeBucketCount: buckets.strikeBucketCount,
  };
}
