import { type Account, expiryMsOf, settlementCurrency } from "../model/index.ts";
import { isCurvedPerpetual } from "../perpetuals/index.ts";
import type { BookCurrency, BookUnit } from "./book.ts";
import { powerOf, rateCurrency } from "./currency-value.ts";
import { leastWorth, type WorthByPrice } from "./least-worth.ts";
import { isPegged, isToken, type Market } from "./market.ts";

/** What a book can come to be worth at worst, pool currency; the same at every price of the underlyings. */
export interface LossBounds {
  /**
   * By unit, the least that its positions and the balances scanned with them can come to be worth; -Infinity when there is no
   * least, as for futures held short and calls sold uncovered.
   */
  readonly leastWorths: readonly number[];
  /** The most that the pool can come to owe, at least 0: 0 when it cannot; Infinity when nothing bounds it. */
  readonly greatestDebt: number;
}

const unbounded = Number.NEGATIVE_INFINITY;

/** Relative to the amounts compared: the sums of a pool that is covered to the last cent may differ in their last bits. */
const COVER_TOLERANCE = 1e-9;

/** Bounds that bound nothing. */
export function noLossBounds(units: readonly BookUnit[]): LossBounds {
  return { leastWorths: units.map(() => unbounded), greatestDebt: Number.POSITIVE_INFINITY };
}

/** Whether nothing bounds any unit. */
export function areUnbounded({ leastWorths }: LossBounds): boolean {
  return leastWorths.every((worth) => worth === unbounded);
}

/** Bounds of a pool's losses from what it holds, whatever the prices of its underlyings. */
export function findLossBounds(
  market: Market,
  account: Account,
  units: readonly BookUnit[],
  currencies: readonly BookCurrency[],
): LossBounds {
  const held = units.filter(({ quantities }) => quantities.length > 0);
  const leastWorths = units.map((unit) =>
    isPlainlyUnbounded(market, account, unit) ? unbounded : leastWorthOf(market, account, unit, currencies, held),
  );
  return { leastWorths, greatestDebt: greatestDebtOf(market, account, units, leastWorths, currencies) };
}

function greatestDebtOf(
  market: Market,
  account: Account,
  units: readonly BookUnit[],
  leastWorths: readonly number[],
  currencies: readonly BookCurrency[],
): number {
  if (leastWorths.includes(unbounded)) return Number.POSITIVE_INFINITY;
  const { poolCurrency } = account;
  const poolPriceUsd = market.currencyPrices.get(poolCurrency)!;
  const poolIsScanned = units.some(({ underlying }) => underlying === poolCurrency);
  let worst = leastWorths.reduce((sum, worth) => sum + worth, 0);
  let size = leastWorths.reduce((sum, worth) => sum + Math.abs(worth), 0);
  for (const currency of currencies) {
    const { collateral } = currency;
    if (currency.currency === poolCurrency) {
      worst += collateral;
      size += Math.abs(collateral);
    } else if (collateral < 0) {
      // What is owed in a coin that is scanned is in its unit; any other debt may grow without a bound that we know.
      if (!isScannedWith(currency, units, poolIsScanned)) return Number.POSITIVE_INFINITY;
    } else if (!poolIsScanned && isPegged(market, currency.currency)) {
      const { heldUsd, depegHaircut } = rateCurrency(market, currency);
      const counted = (collateral * heldUsd * (1 - depegHaircut)) / poolPriceUsd;
      worst += counted;
      size += counted;
    }
  }
  return worst >= -COVER_TOLERANCE * size ? 0 : -worst;
}

function isScannedWith(currency: BookCurrency, units: readonly BookUnit[], poolIsScanned: boolean): boolean {
  return poolIsScanned || units.some(({ underlying }) => powerOf(currency, underlying) === 1);
}

function leastWorthOf(
  market: Market,
  account: Account,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  held: readonly BookUnit[],
): number {
  const { poolCurrency } = account;
  if (poolCurrency !== unit.underlying) {
    const worth = worthOf(market, unit, currencies, poolCurrency);
    if (worth === null) return unbounded;
    const least = leastInCash(worth) / market.currencyPrices.get(poolCurrency)!;
    // Against a pool of another coin only the sign of the worth says something.
    return isStill(market, poolCurrency) ? least : least >= 0 ? 0 : unbounded;
  }
  // In a coin's own pool the gains of all units in other currencies move against the coin, and with them each other.
  const others = held.filter((other) => other !== unit);
  if (others.some((other) => !isPaidFor(market, other))) return unbounded;
  const worth = worthOf(market, unit, currencies, poolCurrency);
  return worth === null ? unbounded : leastInCoin(worth);
}

/**
 * Whether a look at the positions is enough, which spares most accounts the rest: a perpetual is held, or more is sold than
 * what balances in the coin could cover.
 */
function isPlainlyUnbounded(market: Market, account: Account, unit: BookUnit): boolean {
  const { instrumentIndexes, quantities } = unit;
  const { instruments } = market.snapshot;
  let sold = 0;
  for (let position = 0; position < quantities.length; position += 1) {
    const { instrument } = instruments[instrumentIndexes[position]!]!;
    const quantity = quantities[position]!;
    if (instrument.kind === "perpetual" && quantity !== 0) return true;
    if (instrument.kind === "option" && instrument.optionType === "call") sold -= quantity * instrument.contractSize;
    else if (instrument.kind !== "option") return false;
  }
  return (
    sold > 0 &&
    account.poolCurrency !== unit.underlying &&
    !account.collateral.some(({ amount, asset }) => amount > 0 && !isStill(market, asset))
  );
}

/** Whether a currency keeps its worth in US dollars in every scenario. */
function isStill(market: Market, currency: string): boolean {
  return !isToken(market, currency) && (!market.underlyingIndexes.has(currency) || isPegged(market, currency));
}

/** Whether all that a unit holds are options bought. */
function isPaidFor(market: Market, { instrumentIndexes, quantities }: BookUnit): boolean {
  return quantities.every(
    (quantity, position) =>
      quantity >= 0 && market.snapshot.instruments[instrumentIndexes[position]!]!.instrument.kind === "option",
  );
}

/** What a unit is worth by the price of its coin: cash in US dollars, an amount of the coin, and options. */
interface Worth {
  cash: number;
  coin: number;
  readonly options: WorthByPrice["options"][number][];
}

/** The parts of a unit's worth, with the balances that are scanned with it; null where no bound is known. */
function worthOf(
  market: Market,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  poolCurrency: string,
): Worth | null {
  const worth: Worth = { cash: 0, coin: 0, options: [] };
  const expiries = new Set<number>();
  let hasFutures = false;
  for (const [position, index] of unit.instrumentIndexes.entries()) {
    const quantity = unit.quantities[position]!;
    const { instrument } = market.snapshot.instruments[index]!;
    const currency = settlementCurrency(instrument);
    const isCoin = currency === unit.underlying;
    const isKnown = isCoin || currency === poolCurrency || isStill(market, currency);
    if (!isKnown || isCurvedPerpetual(instrument)) {
      // An option bought is worth nothing at worst, whatever it settles in.
      if (instrument.kind === "option" && quantity >= 0) continue;
      return null;
    }
    if (quantity !== 0) {
      // A perpetual never meets the index, and futures of one expiry meet no other: their basis may grow without a bound.
      if (instrument.kind === "perpetual") return null;
      if (instrument.kind === "future") hasFutures = true;
      expiries.add(expiryMsOf(instrument));
      if (hasFutures && expiries.size > 1) return null;
    }
    const quotedIn = market.currencyPrices.get(instrument.quoteCurrency)!;
    if (instrument.kind === "option") {
      // What an option pays is worth size x (price - strike) in either settlement, the strike in its quote currency.
      const terms = { ...instrument, strike: instrument.strike * quotedIn };
      worth.options.push({ terms, size: quantity * instrument.contractSize });
      continue;
    }
    const accrued = unit.accruedFunding[position]!;
    if (isCoin) worth.coin += accrued;
    else worth.cash += accrued * quotedIn;
    for (let fill = unit.fillStarts[position]!; fill < unit.fillStarts[position + 1]!; fill += 1) {
      const size = unit.fillQuantities[fill]! * instrument.contractSize;
      const entryPrice = unit.fillEntryPrices[fill]!;
      // Inverse ones pay size x (1 / entry - 1 / price) coin, which is size / entry coin less a size in the quote currency.
      worth.coin += isCoin ? size / entryPrice : size;
      worth.cash -= (isCoin ? size : size * entryPrice) * quotedIn;
    }
  }
  return addBalances(market, unit, currencies, poolCurrency, worth) ? worth : null;
}

/** Adds the balances whose price moves against the pool; which these are is what computePoolLosses says. */
function addBalances(
  market: Market,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  poolCurrency: string,
  worth: Worth,
): boolean {
  const poolIsCoin = poolCurrency === unit.underlying;
  const { indexPrice } = market.views[unit.underlyingIndex]!.state;
  for (const currency of currencies) {
    const { collateral, parameters } = currency;
    const power = powerOf(currency, unit.underlying);
    if (currency.currency === poolCurrency || collateral === 0 || power === (poolIsCoin ? 1 : 0)) continue;
    if (!poolIsCoin && collateral > 0 && parameters?.movesInScenarios !== true) continue;
    const { heldUsd, owedUsd } = rateCurrency(market, currency);
    if (power === 1) worth.coin += (collateral * (collateral < 0 ? owedUsd : heldUsd)) / indexPrice;
    else if (power === 0 && isStill(market, currency.currency)) {
      worth.cash += collateral * (collateral < 0 ? owedUsd : heldUsd);
    } else if (collateral < 0) {
      return false;
    }
  }
  return true;
}

/** The least worth in US dollars, with the price of the coin as what moves. */
function leastInCash({ cash, coin, options }: Worth): number {
  return leastWorth({ constant: cash, slope: coin, options });
}

/** The least worth in coin, with the inverse of its price as what moves: a call on the price is a put on its inverse. */
function leastInCoin({ cash, coin, options }: Worth): number {
  const inverse = options.map(({ terms, size }) => {
    const optionType = terms.optionType === "call" ? ("put" as const) : ("call" as const);
    return { terms: { ...terms, optionType, strike: 1 / terms.strike }, size: size * terms.strike };
  });
  return leastWorth({ constant: coin, slope: cash, options: inverse });
}
