import { pricedThrough } from "../collateral/index.ts";
import { type Account, settlementCurrency } from "../model/index.ts";
import type { Market } from "./market.ts";
import { settlePosition } from "./settled-positions.ts";

/**
 * Age of the oldest price that an account's figures rest on, milliseconds at the snapshot's time: of the underlyings of its
 * positions with their marks, of what these are quoted and settle in, of its collateral, and of the currency of its pool.
 */
export function oldestPriceAgeMs(market: Market, { positions, collateral, poolCurrency }: Account): number {
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
  let oldest = 0;
  for (const name of used) {
    const index = market.underlyingIndexes.get(name);
    if (index !== undefined) oldest = Math.max(oldest, market.underlyings[index]!.priceAgeMs);
  }
  return oldest;
}
