import { isAssetFault, priceAsset } from "../../collateral/index.ts";
import type { Book, BookCurrency, BookUnit } from "../book/book.ts";
import { isToken, type Market } from "../market/market.ts";

/** Prices of one currency of a book, US dollars per unit. */
export interface CurrencyRates {
  /** What positions, gains and equity are valued at; of a token what its balance counts at before haircuts. */
  priceUsd: number;
  /** What collateral counts at before haircuts, and what is owed at. */
  heldUsd: number;
  owedUsd: number;
  /** Share of what is held that does not count because a stablecoin behind it is below its peg. */
  depegHaircut: number;
}

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

/** Prices a currency of a book that has passed its checks. */
export function rateCurrency(market: Market, { currency, collateral }: BookCurrency): CurrencyRates {
  const price = priceAsset(market, currency);
  if (isAssetFault(price)) throw new RangeError(`${currency} has no price: ${price.value}; check it with createBook`);
  const { heldUsd, owedUsd, depegHaircut } = price;
  const priceUsd = isToken(market, currency)
    ? collateral < 0
      ? owedUsd
      : heldUsd
    : market.currencyPrices.get(currency)!;
  return { priceUsd, heldUsd, owedUsd, depegHaircut };
}

/** By which power of an underlying's price that of a currency moves: 1 for the coin, 0 for what stands still. */
export function powerOf({ powers }: BookCurrency, underlying: string): number {
  return powers.find((entry) => entry.underlying === underlying)?.power ?? 0;
}

/**
 * Units held in one currency, negative when owed: its balance, what its positions have gained and what their options are worth
 * are one ledger. A loss is paid out of the balance, and a debt out of the gains, before anything is cut; so booking a gain or a
 * loss as balance changes nothing.
 */
export function ledgerOf(collateral: number, { unrealisedProfit, optionValue }: CurrencyValue): number {
  return collateral + (unrealisedProfit + optionValue);
}

/**
 * Units lost in a currency, each at what it costs the ledger, over its price: a stablecoin off its par counts for less held than
 * owed, so that a loss beyond what is held costs more. The same number where both are at the price.
 */
export function costOfLoss(lost: number, held: number, { priceUsd, heldUsd, owedUsd }: CurrencyRates): number {
  const worth = (amount: number) => amount * (amount < 0 ? owedUsd : heldUsd);
  return (worth(held) - worth(held - lost)) / priceUsd;
}

/** Whether losses in a currency cost something else than its price; those in the pool's own never do. */
export function isOffPar({ parameters }: BookCurrency, { heldUsd, owedUsd }: CurrencyRates): boolean {
  return parameters?.valuation.kind === "pegged" && heldUsd !== owedUsd;
}

/** Whether positions of a unit settle in a currency: what it holds is then one ledger with what they have gained. */
export function settlesIn({ segments }: BookUnit, currencyIndex: number): boolean {
  return segments.some((segment) => segment.currencyIndex === currencyIndex);
}

/** Units borrowed, at least 0: a balance below 0 that gains in it do not make up for. Unbooked losses are no loan. */
export function borrowedOf(collateral: number, value: CurrencyValue): number {
  return collateral < 0 ? Math.max(0, -Math.max(collateral, ledgerOf(collateral, value))) : 0;
}

/**
 * Whether what a currency holds counts at its moved price. One that is not to move in scenarios stands still (its haircut speaks
 * for it) unless it is owed, or the pool's own coin is what moves.
 */
export function isRevalued({ parameters }: BookCurrency, held: number, poolIsCoin: boolean): boolean {
  return poolIsCoin || held < 0 || parameters === null || parameters.movesInScenarios;
}
