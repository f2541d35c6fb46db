import { pricePowers } from "../../collateral/index.ts";
import type { JointFault } from "../../methods/var/prepare-scenarios.ts";
import type { NotMarginedPool, Pool, Position } from "../../model/index.ts";
import { accruedFunding } from "../../perpetuals/index.ts";
import { compareText, type InstrumentFacts, keyOf } from "../market/instrument-facts.ts";
import { findJointFault } from "../market/joint-market.ts";
import type { Market } from "../market/market.ts";
import type { Book, BookCurrency, BookUnit } from "./book.ts";
import { type KnownPart, keepKnown } from "./keep-known.ts";
import { findLossBounds } from "./loss-bounds.ts";
import { netAmount } from "./net.ts";
import { findPoolFault, isMarginable, refuse } from "./pool-faults.ts";
import { coinsScannedWith, movingCoins } from "./scanned-coins.ts";

/** A fill with the facts that the market knows of its instrument. */
interface KnownFill {
  readonly instrumentIndex: number;
  readonly facts: InstrumentFacts;
  readonly quantity: number;
  readonly entryPrice: number;
  /** The gain of one long contract through funding that is not paid yet, in settlement currency. */
  readonly fundingGain: number;
}

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
  const fills = sortFills(market, pool.positions);
  const currencies = collectCurrencies(market, pool, fills);
  const coins = scannedCoins(market, pool, currencies);
  const units: BookUnit[] = [];
  let start = 0;
  for (const [underlyingIndex, { underlying }] of market.underlyings.entries()) {
    let end = start;
    while (end < fills.length && fills[end]!.facts.underlyingIndex === underlyingIndex) end += 1;
    if (end > start || coins.has(underlying)) {
      units.push(buildUnit(underlying, underlyingIndex, fills.slice(start, end), currencies));
    }
    start = end;
  }
  const lossBounds = findLossBounds(market, pool, units, currencies);
  return { pool, method: market.methodOf(pool.methodId), units, currencies, lossBounds, setAside, settled };
}

/** Returns the fills in the order of summation. Fills of one instrument stand together, sorted by entry price. */
function sortFills(market: Market, positions: readonly Position[]): KnownFill[] {
  return positions
    .map(({ instrumentId, quantity, entryPrice, fundingIndex }) => {
      const instrumentIndex = market.instrumentIndexes.get(instrumentId)!;
      const cumulative = market.snapshot.instruments[instrumentIndex]!.funding?.cumulative ?? 0;
      const fundingGain = fundingIndex === undefined ? 0 : accruedFunding(1, cumulative, fundingIndex);
      return { instrumentIndex, facts: market.facts[instrumentIndex]!, quantity, entryPrice, fundingGain };
    })
    .sort((a, b) => a.facts.rank - b.facts.rank || a.entryPrice - b.entryPrice);
}

function collectCurrencies(market: Market, pool: Pool, fills: readonly KnownFill[]): BookCurrency[] {
  const amounts = new Map<string, number[]>([[pool.poolCurrency, []]]);
  for (const { facts } of fills) {
    if (!amounts.has(facts.settlementCurrency)) amounts.set(facts.settlementCurrency, []);
  }
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

/** Builds a unit without positions. */
export function emptyUnit(underlying: string, underlyingIndex: number): BookUnit {
  return buildUnit(underlying, underlyingIndex, [], []);
}

/** Builds the columns of one unit from its fills, which must be in the order of summation. */
function buildUnit(
  underlying: string,
  underlyingIndex: number,
  fills: readonly KnownFill[],
  currencies: readonly BookCurrency[],
): BookUnit {
  const starts = runStarts(fills, (a, b) => a.instrumentIndex === b.instrumentIndex);
  const count = starts.length - 1;
  const instrumentIndexes: number[] = [];
  const quantities: number[] = [];
  const unpaidFunding: number[] = [];
  const fillStarts = [0];
  const fillQuantities: number[] = [];
  const fillEntryPrices: number[] = [];
  const expiryBuckets: number[] = [];
  const strikeBuckets: number[] = [];
  const segments: { currencyIndex: number; start: number; end: number }[] = [];
  const expiries = new Map<number, number>();
  const strikes = new Map<number, number>();
  let segmentCurrency = "";
  for (let position = 0; position < count; position += 1) {
    const { instrumentIndex, facts } = fills[starts[position]!]!;
    instrumentIndexes.push(instrumentIndex);
    quantities.push(netFills(fills, starts[position]!, starts[position + 1]!, fillQuantities, fillEntryPrices));
    unpaidFunding.push(sumFunding(fills, starts[position]!, starts[position + 1]!));
    fillStarts.push(fillQuantities.length);
    expiryBuckets.push(keyOf(expiries, facts.expiryKey));
    strikeBuckets.push(facts.strikeKey < 0 ? -1 : keyOf(strikes, facts.strikeKey));
    if (facts.settlementCurrency === segmentCurrency) {
      segments[segments.length - 1]!.end = position + 1;
    } else {
      segmentCurrency = facts.settlementCurrency;
      const currencyIndex = currencies.findIndex(({ currency }) => currency === segmentCurrency);
      segments.push({ currencyIndex, start: position, end: position + 1 });
    }
  }
  return {
    underlying,
    underlyingIndex,
    instrumentIndexes,
    quantities,
    accruedFunding: unpaidFunding,
    rows: [],
    markPrices: new Float64Array(count),
    deltas: new Float64Array(count),
    indexPrice: 0,
    profits: new Float64Array(segments.length),
    optionValues: new Float64Array(segments.length),
    segments,
    fillStarts,
    fillQuantities,
    fillEntryPrices,
    expiryBuckets,
    expiryBucketCount: expiries.size,
    strikeBuckets,
    strikeBucketCount: strikes.size,
  };
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
    const { quantity, entryPrice } = fills[start]!;
    fillQuantities.push(quantity);
    fillEntryPrices.push(entryPrice);
    return quantity;
  }
  const quantities: number[] = [];
  let samePrice: number[] = [];
  for (let fill = start; fill < end; fill += 1) {
    const { quantity, entryPrice } = fills[fill]!;
    quantities.push(quantity);
    samePrice.push(quantity);
    if (fill + 1 < end && fills[fill + 1]!.entryPrice === entryPrice) continue;
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
  return byGain.reduce((sum, [gain, alike]) => sum + gain * netAmount(alike.map(({ quantity }) => quantity)), 0);
}

/** Returns the start of each run of like items, and last the end of the last run. */
function runStarts<Item>(items: readonly Item[], isAlike: (a: Item, b: Item) => boolean): number[] {
  const starts: number[] = [];
  for (let index = 0; index < items.length; index += 1) {
    if (index === 0 || !isAlike(items[index - 1]!, items[index]!)) starts.push(index);
  }
  starts.push(items.length);
  return starts;
}
