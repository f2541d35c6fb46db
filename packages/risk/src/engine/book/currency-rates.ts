import { isAssetFault, priceAsset } from "../../collateral/index.ts";
import { isToken, type Market } from "../market/market.ts";
import type { BookCurrency, BookUnit } from "./book.ts";

/** The prices of one currency of a book, in US dollars per unit. */
export interface CurrencyRates {
  /**
   * The price at which positions, gains and equity are valued. For a token it is the price at which its balance counts
   * before haircuts.
   */
  priceUsd: number;
  /** A held balance counts at `heldUsd` before haircuts, and a debt counts at `owedUsd`. */
  heldUsd: number;
  owedUsd: number;
  /** The share of a held balance that does not count because a stablecoin behind it is below its peg. */
  depegHaircut: number;
}

/** Returns the prices of a currency of a book that has passed its checks. Throws a RangeError if it has no price. */
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

/**
 * Returns the power of an underlying's price that a currency's price moves by. It is 1 for the coin and 0 for a
 * currency that stands still.
 */
export function powerOf({ powers }: BookCurrency, underlying: string): number {
  return powers.find((entry) => entry.underlying === underlying)?.power ?? 0;
}

/**
 * Returns what a loss of `lost` units in a currency costs the ledger, divided by the currency's price. A stablecoin off
 * its par counts for less if held than if owed, so a loss beyond what is held costs more. The result is `lost` if both
 * count at the price.
 */
export function costOfLoss(lost: number, held: number, { priceUsd, heldUsd, owedUsd }: CurrencyRates): number {
  const worth = (amount: number) => amount * (amount < 0 ? owedUsd : heldUsd);
  return (worth(held) - worth(held - lost)) / priceUsd;
}

/**
 * Returns whether losses in a currency cost something other than its price. Losses in the pool's own currency never do.
 */
export function isOffPar({ parameters }: BookCurrency, { heldUsd, owedUsd }: CurrencyRates): boolean {
  return parameters?.valuation.kind === "pegged" && heldUsd !== owedUsd;
}

/**
 * Returns whether positions of a unit settle in a currency. The balance in the currency and their gains are then one
 * ledger.
 */
export function settlesIn({ segments }: BookUnit, currencyIndex: number): boolean {
  return segments.some((segment) => segment.currencyIndex === currencyIndex);
}

/**
 * Returns whether a holding in a currency counts at its moved price. A currency that is not to move in scenarios keeps
 * its price, as its haircut covers the risk. It moves nevertheless if it is owed, or if the pool's own coin is what
 * moves.
 */
export function isRevalued({ parameters }: BookCurrency, held: number, poolIsCoin: boolean): boolean {
  return poolIsCoin || held < 0 || parameters === null || parameters.movesInScenarios;
}
