import { isAssetFault, priceAsset } from "../../collateral/index.ts";
import { isToken, type Market } from "../market/market.ts";
import type { BookCurrency, BookUnit } from "./book.ts";

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

/**
 * Whether what a currency holds counts at its moved price. One that is not to move in scenarios stands still (its haircut speaks
 * for it) unless it is owed, or the pool's own coin is what moves.
 */
export function isRevalued({ parameters }: BookCurrency, held: number, poolIsCoin: boolean): boolean {
  return poolIsCoin || held < 0 || parameters === null || parameters.movesInScenarios;
}
