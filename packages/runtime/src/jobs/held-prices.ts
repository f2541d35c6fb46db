import { type CollateralParameters, type PriceQuality, pricedThrough } from "@plimsoll/risk";
import type { StoredBook } from "./books.ts";
import type { PreparedMarket } from "./engine-cache.ts";

/** The price of an underlying that accounts rest on. */
export interface HeldPrice {
  readonly underlying: string;
  readonly ageMs: number;
  readonly quality: PriceQuality;
}

/**
 * The prices of the underlyings that these pools hold, have ordered or have as collateral that counts. What nobody holds
 * harms nobody, so that an underlying that was quoted once and never again is in no alarm.
 */
export function heldPrices(books: readonly StoredBook[], { snapshot, parameters }: PreparedMarket): HeldPrice[] {
  const accepted = new Map(parameters.collateral.map((one) => [one.asset, one]));
  const underlyings = new Set<string>();
  const instrumentIds = new Set<string>();
  for (const { pool } of books) {
    if (pool === null) continue;
    const { collateral, positions, poolCurrency } = pool.account;
    for (const { instrumentId, quantity } of positions) if (quantity !== 0) instrumentIds.add(instrumentId);
    for (const { instrumentId } of pool.openOrders) instrumentIds.add(instrumentId);
    const balances = collateral.filter(({ amount }) => amount !== 0);
    for (const { asset } of balances) addBehind(asset, accepted, underlyings);
    if (balances.length + positions.length > 0) underlyings.add(poolCurrency);
  }
  for (const { instrument } of snapshot.instruments) {
    if (instrumentIds.has(instrument.instrumentId)) underlyings.add(instrument.underlying);
  }
  return snapshot.underlyings
    .filter(({ underlying }) => underlyings.has(underlying))
    .map(({ underlying, priceAgeMs, quality }) => ({ underlying, ageMs: priceAgeMs, quality }));
}

/** Adds what the price of an accepted asset rests on. */
function addBehind(asset: string, accepted: ReadonlyMap<string, CollateralParameters>, underlyings: Set<string>): void {
  const parameters = accepted.get(asset);
  if (parameters === undefined) return;
  for (const name of pricedThrough(asset, parameters)) {
    underlyings.add(name);
    if (name !== asset) addBehind(name, accepted, underlyings);
  }
}
