import { depegShockOf, noAddedHaircuts, PAR, valueAfterHaircutUsd } from "../../collateral/index.ts";
import {
  type Account,
  expiryMsOf,
  isCurvedPerpetual,
  isDatedOption,
  isDeltaOne,
  priceCurrency,
  settlementCurrency,
} from "../../model/index.ts";
import { isPegged, isToken, type Market } from "../market/market.ts";
import type { BookCurrency, BookUnit, LossBounds } from "./book.ts";
import { isRevalued, powerOf, rateCurrency, settlesIn } from "./currency-rates.ts";
import { leastWorth, type WorthByPrice } from "./least-worth.ts";

const unbounded = Number.NEGATIVE_INFINITY;

/** Relative to the amounts compared: the sums of a pool that is covered to the last cent may differ in their last bits. */
export const COVER_TOLERANCE = 1e-9;

/** Bounds that bound nothing. */
export function noLossBounds(units: readonly BookUnit[]): LossBounds {
  const none = units.map(() => unbounded);
  return { leastWorths: none, leastByForwards: none, greatestDebt: Number.POSITIVE_INFINITY };
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
  const held = units.filter(({ quantities }) => quantities.some((quantity) => quantity !== 0));
  const leastBy = (forwards: Premises["forwards"]) =>
    units.map((unit) =>
      isPlainlyUnbounded(market, account, unit)
        ? unbounded
        : leastWorthOf(market, account, unit, currencies, held, forwards),
    );
  const leastWorths = leastBy("one");
  const leastByForwards = units.some((unit) => isSpreadOverTime(market, unit))
    ? leastBy("quoted").map((least, index) => Math.min(least, leastWorths[index]!))
    : leastWorths;
  const greatestDebt = greatestDebtOf(market, account, units, leastByForwards, currencies);
  return { leastWorths, leastByForwards, greatestDebt };
}

/** Whether something is sold of one expiry beside something of another. */
function isSpreadOverTime(market: Market, { instrumentIndexes, quantities }: BookUnit): boolean {
  const { instruments } = market.snapshot;
  const held = instrumentIndexes.filter((_, position) => quantities[position] !== 0);
  const expiries = new Set(held.map((index) => expiryMsOf(instruments[index]!.instrument)));
  return expiries.size > 1 && quantities.some((quantity) => quantity < 0);
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

/** What a balance counts for after its maintenance haircut, US dollars: it may have to be sold to pay. */
function countedUsd(market: Market, currency: BookCurrency): number {
  const { collateral, parameters } = currency;
  const { heldUsd, depegHaircut } = rateCurrency(market, currency);
  const added = { ...noAddedHaircuts, onAll: depegHaircut };
  return valueAfterHaircutUsd(collateral * heldUsd, parameters?.maintenanceBands ?? [], added);
}

/** Share of a stablecoin that a broken peg may take; 0 of any other asset. */
function shockOf(market: Market, { currency }: BookCurrency): number {
  return depegShockOf(market.collateral.get(currency))?.initial ?? 0;
}

/** How prices are taken that a bound does not leave open: the forwards of other expiries, and pegs. */
interface Premises {
  /** `one`: all expiries at one price; `quoted`: each at its present multiple of the index. */
  readonly forwards: "one" | "quoted";
  readonly pegs: "quoted" | "par";
}

/** A peg off its par may come back to it. */
function pegsOf(market: Market, account: Account, unit: BookUnit): readonly Premises["pegs"][] {
  const isOffPar = unit.instrumentIndexes.some((index) => {
    const currency = priceCurrency(market.snapshot.instruments[index]!.instrument);
    const isPeg = currency !== account.poolCurrency && isPegged(market, currency);
    return isPeg && market.currencyPrices.get(currency) !== PAR;
  });
  return isOffPar ? ["quoted", "par"] : ["quoted"];
}

function leastWorthOf(
  market: Market,
  account: Account,
  unit: BookUnit,
  currencies: readonly BookCurrency[],
  held: readonly BookUnit[],
  forwards: Premises["forwards"],
): number {
  const { poolCurrency } = account;
  const isOwn = poolCurrency === unit.underlying;
  const leastBy = (least: (worth: Worth) => number, of: BookUnit) => {
    // Of one expiry all forwards are alike, and one price stands for them.
    const own = isSpreadOverTime(market, of) ? forwards : "one";
    const worths = pegsOf(market, account, of).map((pegs) =>
      worthOf(market, of, currencies, poolCurrency, { forwards: own, pegs }),
    );
    return Math.min(...worths.map((worth) => (worth === null ? unbounded : least(worth))));
  };
  if (!isOwn) {
    const least = leastBy(leastInCash, unit);
    if (isStill(market, poolCurrency)) return least / market.currencyPrices.get(poolCurrency)!;
    // Against a pool of another coin only the sign of the worth says something.
    return least >= 0 ? 0 : unbounded;
  }
  // In a coin's own pool the gains of all units in other currencies move against the coin, and with them each other.
  if (held.some((other) => other !== unit && !(leastBy(leastInCash, other) >= 0))) return unbounded;
  return leastBy(leastInCoin, unit);
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
    const { traits } = market.facts[instrumentIndexes[position]!]!;
    const quantity = quantities[position]!;
    if (!traits.isDated && quantity !== 0) return true;
    if (!isDatedOption(instrument)) return false;
    if (instrument.optionType === "call") sold -= quantity * instrument.contractSize;
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
    // What pays in coin on an average, and a future that settles on one, are no straight lines of the price.
    const isStraight = !isCurvedPerpetual(instrument) && !(isInWindow && (isCoin || isDeltaOne(instrument)));
    const isKnown = isCoin || currency === poolCurrency || isStill(market, currency);
    if (!isKnown || !isStraight) {
      // An option bought is worth nothing at worst, whatever it settles in.
      if (traits.isPaidFor && quantity >= 0) continue;
      return null;
    }
    if (quantity !== 0) {
      // A perpetual never meets the index, and futures of one expiry meet no other: their basis may grow without a bound.
      if (!traits.isDated) return null;
      if (isDeltaOne(instrument)) hasFutures = true;
      expiries.add(expiryMsOf(instrument));
      if (hasFutures && expiries.size > 1) return null;
    }
    const quoteCurrency = priceCurrency(instrument);
    const isOwnPeg = quoteCurrency === poolCurrency || !isPegged(market, quoteCurrency);
    const quotedIn = pegs === "par" && !isOwnPeg ? PAR : market.currencyPrices.get(quoteCurrency)!;
    if (isDatedOption(instrument)) {
      // What an option pays is worth size x (settlement price - strike) in either settlement, in its quote currency.
      const size = quantity * instrument.contractSize;
      const forwardUsd = forwardPrice * quotedIn;
      const slope = isInWindow
        ? (forwardUsd * movingShare) / indexPrice
        : forwards === "quoted"
          ? forwardUsd / indexPrice
          : 1;
      const strike = instrument.strike * quotedIn - (isInWindow ? forwardUsd * (1 - movingShare) : 0);
      if (!isInWindow && quantity !== 0) slopes.push(slope);
      if (strike > 0) worth.options.push({ terms: { ...instrument, strike: strike / slope }, size: size * slope });
      else if (instrument.optionType === "call") {
        // The average so far has passed the strike: the call pays for certain.
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
      // Inverse ones pay size x (1 / entry - 1 / price) coin, which is size / entry coin less a size in the quote currency.
      worth.coin += isCoin ? size / entryPrice : size;
      worth.cash -= (isCoin ? size : size * entryPrice) * quotedIn;
    }
  }
  const coinBefore = worth.coin;
  if (!addBalances(market, unit, currencies, poolCurrency, worth)) return null;
  // At an expiry its forward is the price of the coin, so that a coin covers what is sold in any of them.
  const held = worth.coin - coinBefore;
  worth.coin += held * (Math[held < 0 ? "min" : "max"](1, ...slopes) - 1);
  return worth;
}

/** Adds the balances whose price moves against the pool; see computePoolLosses. */
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
      // Beside a loan a peg may break either way.
      const shock = borrows ? shockOf(market, currency) : 0;
      worth.cash += collateral * (collateral < 0 ? owedUsd * (1 + shock) : heldUsd * (1 - shock));
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
