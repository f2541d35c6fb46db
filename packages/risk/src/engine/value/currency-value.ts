import { inversePnl, linearPnl } from "../../pricing/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { type CurrencyRates, rateCurrency } from "../book/currency-rates.ts";
import type { InstrumentRow, Market } from "../market/market.ts";

/**
 * The value of one of a book's currencies, at the prices of a market. It covers everything that settles in the
 * currency.
 */
export interface CurrencyValue extends CurrencyRates {
  /** The unrealised profit in units of the currency, positive for a gain. `optionValue` is in the same units. */
  unrealisedProfit: number;
  optionValue: number;
  /**
   * The share of the held amount that moves in the scenarios, 0 to 1. It is below 1 if more could be asked for the
   * amount than it counts for.
   */
  movingShare: number;
}

/** Returns the values of a book's currencies before any profit or option value is added. */
export function emptyValues(market: Market, book: Book): CurrencyValue[] {
  return book.currencies.map((currency) => ({
    ...rateCurrency(market, currency),
    unrealisedProfit: 0,
    optionValue: 0,
    movingShare: 1,
  }));
}

/**
 * Returns the units held in one currency, negative if owed. The balance, the gains of positions and the value of
 * options are one ledger. A loss is paid out of the balance, and a debt out of the gains, before any haircut. So
 * booking a gain or a loss as balance changes nothing.
 */
export function ledgerOf(collateral: number, { unrealisedProfit, optionValue }: CurrencyValue): number {
  return collateral + (unrealisedProfit + optionValue);
}

/**
 * Returns the units borrowed, at least 0. They are the part of a negative balance that gains in the currency do not
 * make up for. Losses that are not booked yet are no loan.
 */
export function borrowedOf(collateral: number, value: CurrencyValue): number {
  return collateral < 0 ? Math.max(0, -Math.max(collateral, ledgerOf(collateral, value))) : 0;
}

/** Returns the price of the pool currency in US dollars. */
export function poolPriceIn(market: Market, book: Book): number {
  return market.currencyPrices.get(book.pool.poolCurrency)!;
}

/**
 * Returns the gain of a future or perpetual of any kind since entry, with the funding that is not paid yet, in
 * settlement currency.
 */
export function unrealisedProfit(
  unit: BookUnit,
  position: number,
  { isInverse, contractSize }: Pick<InstrumentRow, "isInverse" | "contractSize">,
  markPrice: number,
): number {
  let profit = unit.accruedFunding[position]!;
  for (let fill = unit.fillStarts[position]!; fill < unit.fillStarts[position + 1]!; fill += 1) {
    const entryPrice = unit.fillEntryPrices[fill]!;
    const size = unit.fillQuantities[fill]! * contractSize;
    profit += isInverse ? inversePnl(size, entryPrice, markPrice) : linearPnl(size, entryPrice, markPrice);
  }
  return profit;
}
