import { depegShockOf, noAddedHaircuts, PAR, valueAfterHaircutUsd } from "../../collateral/index.ts";
import {
  expiryMsOf,
  isCurvedPerpetual,
  isDatedOption,
  isDeltaOne,
  type Pool,
  priceCurrency,
  settlementCurrency,
} from "../../model/index.ts";
import { isPegged, isToken, type Market } from "../market/market.ts";
import type { BookCurrency, BookUnit, LossBounds } from "./book.ts";
import { isRevalued, powerOf, rateCurrency, settlesIn } from "./currency-rates.ts";
import { leastWorth, type WorthByPrice } from "./least-worth.ts";

const unbounded = Number.NEGATIVE_INFINITY;

/**
 * The tolerance of a comparison, relative to the amounts compared. The sums of a pool that is covered to the last cent
 * may differ in their last bits.
 */
export const COVER_TOLERANCE = 1e-9;

/** Returns bounds that limit nothing, for the given units. */
export function noLossBounds(units: readonly BookUnit[]): LossBounds {
  const none = units.map(() => unbounded);
  return { leastWorths: none, leastByForwards: none, greatestDebt: Number.POSITIVE_INFINITY };
}

/** Returns whether no unit is bounded. */
export function areUnbounded({ leastWorths }: LossBounds): boolean {
  return leastWorths.every((worth) => worth === unbounded);
}

/** Bounds that were found before, for a pool whose units another pool may share. */
export interface KnownBounds {
  readonly pool: Pool;
  readonly units: readonly BookUnit[];
  readonly currencies: readonly BookCurrency[];
  readonly lossBounds: LossBounds;
}

/**
 * Finds the bounds of a pool's losses from its holdings, whatever the prices of its underlyings. The bounds of a unit
 * that `known` has, and on whose bounds no other balance bears now, are taken from there.
 */
export function findLossBounds(
  market: Market,
  pool: Pool,
  units: readonly BookUnit[],
  currencies: readonly BookCurrency[],
  known: KnownBounds | null = null,
): LossBounds {
  const held = units.filter(({ quantities }) => quantities.some((quantity) => quantity !== 0));
  const places = units.map((unit) =>
    known !== null && hasSameBounds(market, pool, unit, currencies, known) ? known.units.indexOf(unit) : -1,
  );
  const leastWorths = units.map((unit, index) => {
    if (places[index]! >= 0) return known!.lossBounds.leastWorths[places[index]!]!;
    if (isPlainlyUnbounded(market, pool, unit)) return unbounded;
    return leastWorthOf(market, pool, unit, currencies, held, "one");
  });
  // No bound by one price for all expiries means none by the quoted forwards either, since the lesser of both counts.
  const leastByForwards = units.some((unit) => isSpreadOverTime(market, unit))
    ? units.map((unit, index) => {
        if (leastWorths[index] === unbounded) return unbounded;
        if (places[index]! >= 0) return known!.lossBounds.leastByForwards[places[index]!]!;
        return Math.min(leastWorthOf(market, pool, unit, currencies, held, "quoted"), leastWorths[index]!);
      })
    : leastWorths;
  const greatestDebt = greatestDebtOf(market, pool, units, leastByForwards, currencies);
  return { leastWorths, leastByForwards, greatestDebt };
}

/**
 * Returns whether a unit has the bounds that are known of it, because all holdings that leastWorthOf reads are the same.
 * Those are its positions, the balances that move with its underlying, and whether any coin is held. The unit of a
 * pool's own coin reads more, so it is never the same. Currencies have the same places in both books, or no unit would
 * be shared.
 */
function hasSameBounds(
  market: Market,
  pool: Pool,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  known: KnownBounds,
): boolean {
  const { poolCurrency } = pool;
  if (poolCurrency === unit.underlying || !known.units.includes(unit)) return false;
  if (holdsCoin(market, pool) !== holdsCoin(market, known.pool)) return false;
  return currencies.every(
    (currency, index) =>
      currency.currency === poolCurrency ||
      powerOf(currency, unit.underlying) === 0 ||
      currency === known.currencies[index],
  );
}

/** Returns whether a unit holds several expiries and something in it is sold. */
function isSpreadOverTime({ facts }: Market, { instrumentIndexes, quantities }: BookUnit): boolean {
  let expiry = -1;
  let [hasSeveral, isSold] = [false, false];
  for (let position = 0; position < quantities.length; position += 1) {
    const quantity = quantities[position]!;
    if (quantity === 0) continue;
    const { expiryKey } = facts[instrumentIndexes[position]!]!;
    if (expiry < 0) expiry = expiryKey;
    hasSeveral ||= expiryKey !== expiry;
    isSold ||= quantity < 0;
    if (hasSeveral && isSold) return true;
  }
  return false;
}

function greatestDebtOf(
  market: Market,
  pool: Pool,
  units: readonly BookUnit[],
  leastWorths: readonly number[],
  currencies: readonly BookCurrency[],
): number {
  if (leastWorths.includes(unbounded)) return Number.POSITIVE_INFINITY;
  const { poolCurrency } = pool;
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
      // A debt in a coin that is scanned is part of the coin's unit. Any other debt may grow without a known bound.
      if (!isScannedWith(currency, units, poolIsScanned)) return Number.POSITIVE_INFINITY;
    } else if (!poolIsScanned && isPegged(market, currency.currency)) {
      const counted = countedUsd(market, currency) / poolPriceUsd;
      worst += counted * (1 - shockOf(market, currency));
      size += counted;
    }
  }
  return worst >= -COVER_TOLERANCE * size ? 0 : -worst;
}

function isScannedWith(currency: BookCurrency, units: readonly BookUnit[], poolIsScanned: boolean): boolean {
  return poolIsScanned || units.some(({ underlying }) => powerOf(currency, underlying) === 1);
}

/**
 * Returns what a balance counts for after its maintenance haircut, in US dollars. The haircut applies because the
 * balance may have to be sold to pay.
 */
function countedUsd(market: Market, currency: BookCurrency): number {
  const { collateral, parameters } = currency;
  const { heldUsd, depegHaircut } = rateCurrency(market, currency);
  const added = { ...noAddedHaircuts, onAll: depegHaircut };
  return valueAfterHaircutUsd(collateral * heldUsd, parameters?.maintenanceBands ?? [], added);
}

/** Returns the share of a stablecoin's value that a broken peg may take. It is 0 for any other asset. */
function shockOf(market: Market, { currency }: BookCurrency): number {
  return depegShockOf(market.collateral.get(currency))?.initial ?? 0;
}

/**
 * The assumptions of a bound about the prices that it does not leave open: the forwards of other expiries, and pegs.
 */
interface Premises {
  /** With `one` all expiries are at one price; with `quoted` each is at its present multiple of the index price. */
  readonly forwards: "one" | "quoted";
  readonly pegs: "quoted" | "par";
}

/**
 * Returns the peg prices that must be tried for a unit. A peg that is off par may come back to par, so both are tried.
 */
function pegsOf(market: Market, pool: Pool, unit: BookUnit): readonly Premises["pegs"][] {
  const { collateral, currencyPrices, snapshot } = market;
  const offPar = new Set<string>();
  for (const { asset, valuation } of collateral.values()) {
    // Nothing in a book is quoted in a currency without a price.
    if (valuation.kind === "pegged" && (currencyPrices.get(asset) ?? PAR) !== PAR) offPar.add(asset);
  }
  offPar.delete(pool.poolCurrency);
  const isOffPar =
    offPar.size > 0 &&
    unit.instrumentIndexes.some((index) => offPar.has(priceCurrency(snapshot.instruments[index]!.instrument)));
  return isOffPar ? ["quoted", "par"] : ["quoted"];
}

function leastWorthOf(
  market: Market,
  pool: Pool,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  held: readonly BookUnit[],
  forwards: Premises["forwards"],
): number {
  const { poolCurrency } = pool;
  const isOwn = poolCurrency === unit.underlying;
  const leastBy = (least: (worth: Worth) => number, of: BookUnit) => {
    // With one expiry all forwards are alike, and one price stands for them.
    const own = isSpreadOverTime(market, of) ? forwards : "one";
    const worths = pegsOf(market, pool, of).map((pegs) =>
      worthOf(market, of, currencies, poolCurrency, { forwards: own, pegs }),
    );
    return Math.min(...worths.map((worth) => (worth === null ? unbounded : least(worth))));
  };
  if (!isOwn) {
    const least = leastBy(leastInCash, unit);
    if (isStill(market, poolCurrency)) return least / market.currencyPrices.get(poolCurrency)!;
    // In a pool of another coin only the sign of the worth tells anything.
    return least >= 0 ? 0 : unbounded;
  }
  // In a coin's own pool the gains of all units in other currencies move against the coin, so the units are not
  // independent.
  if (held.some((other) => other !== unit && !(leastBy(leastInCash, other) >= 0))) return unbounded;
  return leastBy(leastInCoin, unit);
}

/**
 * Returns whether the positions alone show that a unit has no bound, which spares most pools the further search.
 * That is so if a perpetual is held, or if calls are sold that no balance in a coin could cover.
 */
function isPlainlyUnbounded(market: Market, pool: Pool, unit: BookUnit): boolean {
  const { instrumentIndexes, quantities } = unit;
  const { instruments } = market.snapshot;
  let sold = 0;
  let hasOnlyOptions = true;
  for (let position = 0; position < quantities.length; position += 1) {
    const { instrument } = instruments[instrumentIndexes[position]!]!;
    const { traits } = market.facts[instrumentIndexes[position]!]!;
    const quantity = quantities[position]!;
    if (!traits.isDated && quantity !== 0) return true;
    if (!isDatedOption(instrument)) hasOnlyOptions = false;
    else if (instrument.optionType === "call") sold -= quantity * instrument.contractSize;
  }
  return hasOnlyOptions && sold > 0 && pool.poolCurrency !== unit.underlying && !holdsCoin(market, pool);
}

/** Returns whether a pool holds anything whose price moves. */
function holdsCoin(market: Market, { collateral }: Pool): boolean {
  return collateral.some(({ amount, asset }) => amount > 0 && !isStill(market, asset));
}

/** Returns whether a currency keeps its price in US dollars in every scenario. */
function isStill(market: Market, currency: string): boolean {
  return !isToken(market, currency) && (!market.underlyingIndexes.has(currency) || isPegged(market, currency));
}

/** The worth of a unit as a function of its coin's price: cash in US dollars, an amount of the coin, and options. */
interface Worth {
  cash: number;
  coin: number;
  readonly options: WorthByPrice["options"][number][];
}

/** Returns the parts of a unit's worth, with the balances that are scanned with it. It is null if no bound is known. */
function worthOf(
  market: Market,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  poolCurrency: string,
  { forwards, pegs }: Premises,
): Worth | null {
  const { indexPrice } = market.views[unit.underlyingIndex]!.state;
  const worth: Worth = { cash: 0, coin: 0, options: [] };
  const expiries = new Set<number>();
  const slopes: number[] = [];
  let hasFutures = false;
  for (const [position, index] of unit.instrumentIndexes.entries()) {
    const quantity = unit.quantities[position]!;
    const { instrument, forwardPrice, movingShare } = market.snapshot.instruments[index]!;
    const { traits } = market.facts[index]!;
    const currency = settlementCurrency(instrument);
    const isCoin = currency === unit.underlying;
    const isInWindow = movingShare !== undefined;
    // Inside its window, a future or an option paid in coin settles on an average. Its payment is then not made of
    // straight lines of the price.
    const isStraight = !isCurvedPerpetual(instrument) && !(isInWindow && (isCoin || isDeltaOne(instrument)));
    const isKnown = isCoin || currency === poolCurrency || isStill(market, currency);
    if (!isKnown || !isStraight) {
      // An option that was bought is worth 0 at worst, whatever it settles in.
      if (traits.isPaidFor && quantity >= 0) continue;
      return null;
    }
    if (quantity !== 0) {
      // A perpetual never meets the index price, and futures of different expiries never meet. Their basis may grow
      // without a bound.
      if (!traits.isDated) return null;
      if (isDeltaOne(instrument)) hasFutures = true;
      expiries.add(expiryMsOf(instrument));
      if (hasFutures && expiries.size > 1) return null;
    }
    const quoteCurrency = priceCurrency(instrument);
    const isOwnPeg = quoteCurrency === poolCurrency || !isPegged(market, quoteCurrency);
    const quotedIn = pegs === "par" && !isOwnPeg ? PAR : market.currencyPrices.get(quoteCurrency)!;
    if (isDatedOption(instrument)) {
      // In either settlement an option's payment is worth size x (settlement price - strike) in its quote currency.
      const size = quantity * instrument.contractSize;
      const forwardUsd = forwardPrice * quotedIn;
      const slope = isInWindow
        ? (forwardUsd * movingShare) / indexPrice
        : forwards === "quoted"
          ? forwardUsd / indexPrice
          : 1;
      const strike = instrument.strike * quotedIn - (isInWindow ? forwardUsd * (1 - movingShare) : 0);
      if (!isInWindow && quantity !== 0) slopes.push(slope);
      const { optionType, expiryMs } = instrument;
      if (strike > 0)
        worth.options.push({ terms: { optionType, strike: strike / slope, expiryMs }, size: size * slope });
      else if (optionType === "call") {
        // The average so far is already above the strike, so the call pays for certain.
        worth.cash -= size * strike;
        worth.coin += size * slope;
      }
      continue;
    }
    const accrued = unit.accruedFunding[position]!;
    if (isCoin) worth.coin += accrued;
    else worth.cash += accrued * quotedIn;
    for (let fill = unit.fillStarts[position]!; fill < unit.fillStarts[position + 1]!; fill += 1) {
      const size = unit.fillQuantities[fill]! * instrument.contractSize;
      const entryPrice = unit.fillEntryPrices[fill]!;
      // An inverse contract pays size x (1 / entry - 1 / price) coin. That is size / entry coin, less `size` of the
      // quote currency.
      worth.coin += isCoin ? size / entryPrice : size;
      worth.cash -= (isCoin ? size : size * entryPrice) * quotedIn;
    }
  }
  const coinBefore = worth.coin;
  if (!addBalances(market, unit, currencies, poolCurrency, worth)) return null;
  // At each expiry the forward equals the coin's price, so a held coin covers what is sold in any expiry.
  const held = worth.coin - coinBefore;
  worth.coin += held * (Math[held < 0 ? "min" : "max"](1, ...slopes) - 1);
  return worth;
}

/** Adds the balances whose price moves against the pool; see computePoolLosses. Returns false if no bound is known. */
function addBalances(
  market: Market,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  poolCurrency: string,
  worth: Worth,
): boolean {
  const poolIsCoin = poolCurrency === unit.underlying;
  const { indexPrice } = market.views[unit.underlyingIndex]!.state;
  const borrows = currencies.some(({ collateral }) => collateral < 0);
  for (const [index, currency] of currencies.entries()) {
    const { collateral } = currency;
    const power = powerOf(currency, unit.underlying);
    if (currency.currency === poolCurrency || collateral === 0 || power === (poolIsCoin ? 1 : 0)) continue;
    if (!isRevalued(currency, collateral, poolIsCoin) && !settlesIn(unit, index)) continue;
    const { heldUsd, owedUsd } = rateCurrency(market, currency);
    const isHeldToken = collateral > 0 && isToken(market, currency.currency);
    if (power === 1 && isHeldToken) worth.coin += countedUsd(market, currency) / indexPrice;
    else if (power === 1) worth.coin += (collateral * (collateral < 0 ? owedUsd : heldUsd)) / indexPrice;
    else if (power === 0 && isStill(market, currency.currency)) {
      // If anything is borrowed, a peg may break in either direction.
      const shock = borrows ? shockOf(market, currency) : 0;
      worth.cash += collateral * (collateral < 0 ? owedUsd * (1 + shock) : heldUsd * (1 - shock));
    } else if (collateral < 0) {
      return false;
    }
  }
  return true;
}

/** Returns the least worth in US dollars over all prices of the coin. */
function leastInCash({ cash, coin, options }: Worth): number {
  return leastWorth({ constant: cash, slope: coin, options });
}

/**
 * Returns the least worth in coin over all inverses of the coin's price. A call on the price is a put on its inverse.
 */
function leastInCoin({ cash, coin, options }: Worth): number {
  const inverse = options.map(({ terms, size }) => {
    const optionType = terms.optionType === "call" ? ("put" as const) : ("call" as const);
    return { terms: { ...terms, optionType, strike: 1 / terms.strike }, size: size * terms.strike };
  });
  return leastWorth({ constant: coin, slope: cash, options: inverse });
}
