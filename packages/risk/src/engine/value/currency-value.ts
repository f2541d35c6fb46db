import { inversePnl, linearPnl } from "../../pricing/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { type CurrencyRates, rateCurrency } from "../book/currency-rates.ts";
import type { InstrumentRow, Market } from "../market/market.ts";

/** What a book holds in one of its currencies at the prices of a market. */
export interface CurrencyValue extends CurrencyRates {
  /** Units of the currency, gain positive. */
  unrealisedProfit: number;
  optionValue: number;
  /** Share of what is held that moves in the scenarios, 0 to 1: less than 1 where more could be asked for it than it counts. */
  movingShare: number;
}

/** The currencies of a book with nothing in them yet. */
export function emptyValues(market: Market, book: Book): CurrencyValue[] {
  return book.currencies.map((currency) => ({
    ...rateCurrency(market, currency),
    unrealisedProfit: 0,
    optionValue: 0,
    movingShare: 1,
  }));
}

/**
 * Units held in one currency, negative when owed: its balance, what its positions have gained and what their options are worth
 * are one ledger. A loss is paid out of the balance, and a debt out of the gains, before anything is cut; so booking a gain or a
 * loss as balance changes nothing.
 */
export function ledgerOf(collateral: number, { unrealisedProfit, optionValue }: CurrencyValue): number {
  return collateral + (unrealisedProfit + optionValue);
}

/** Units borrowed, at least 0: a balance below 0 that gains in it do not make up for. Unbooked losses are no loan. */
export function borrowedOf(collateral: number, value: CurrencyValue): number {
  return collateral < 0 ? Math.max(0, -Math.max(collateral, ledgerOf(collateral, value))) : 0;
}

/** US dollars per unit of the currency the book is counted in. */
export function poolPriceIn(market: Market, book: Book): number {
  return market.currencyPrices.get(book.account.poolCurrency)!;
}

/** Gain of a future or perpetual of any kind since entry, with the funding not yet paid, settlement currency. */
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
