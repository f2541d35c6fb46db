import { pricedThrough } from "../../collateral/index.ts";
import { type MarginNote, type Pool, settlementCurrency, type UnderlyingState } from "../../model/index.ts";
import { compareText } from "../market/instrument-facts.ts";
import { findUnderlying, type Market } from "../market/market.ts";
import { settlePosition } from "./settled-positions.ts";

/** Returns the age of the oldest price behind a pool's figures, in milliseconds at the snapshot's time. */
export function oldestPriceAgeMs(market: Market, pool: Pool): number {
  return usedPrices(market, pool).reduce((oldest, { priceAgeMs }) => Math.max(oldest, priceAgeMs), 0);
}

/** Returns a note for each stablecoin behind a pool's figures that is taken at par because no source prices it. */
export function parNotes(market: Market, pool: Pool): MarginNote[] {
  if (market.underlyings.every(({ atPar }) => atPar === undefined)) return [];
  const coins = new Set(usedPrices(market, pool).flatMap(({ atPar }) => atPar ?? []));
  return [...coins].sort(compareText).map((coin) => ({
    code: "at_par",
    text: `${coin} is taken at par, 1 US dollar, for no source prices it; should it be worth less, so is all that is held in it`,
  }));
}

/**
 * Returns the underlyings whose prices a pool's figures rest on. They are the underlyings of its positions, the
 * currencies that these are quoted and settle in, its collateral, and its pool currency.
 */
function usedPrices(market: Market, { positions, collateral, poolCurrency }: Pool): UnderlyingState[] {
  const used = new Set<string>();
  const use = (currency: string) => {
    for (const name of pricedThrough(currency, market.collateral.get(currency))) used.add(name);
  };
  use(poolCurrency);
  for (const { asset, amount } of collateral) if (amount !== 0) use(asset);
  for (const [place, position] of positions.entries()) {
    const index = market.instrumentIndexes.get(position.instrumentId);
    if (position.quantity === 0) continue;
    if (index === undefined) {
      const settled = settlePosition(market, position, place);
      if (settled !== null) use(settled.asset);
      continue;
    }
    const { instrument } = market.snapshot.instruments[index]!;
    used.add(instrument.underlying);
    use(instrument.quoteCurrency);
    use(settlementCurrency(instrument));
  }
  return [...used].flatMap((name) => findUnderlying(market, name) ?? []);
}
