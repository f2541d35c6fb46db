import { type CollateralParameters, type PriceQuality, pricedThrough } from "@plimsoll/risk";
import type { PreparedEngine } from "./prepared-engines.ts";
import type { StoredPool } from "./stored-pools.ts";

/** The price of an underlying that accounts depend on. */
export interface HeldPrice {
  /** The name of an underlying or of a token. */
  readonly underlying: string;
  /** In milliseconds. It is null if the snapshot has no price. */
  readonly ageMs: number | null;
  /** `missing`: the snapshot has no price, or for a token no recent enough state. */
  readonly quality: PriceQuality | "missing";
}

/** Sources of prices: market prices by underlying, and readings of tokens. */
interface Sources {
  readonly underlyings: Set<string>;
  readonly tokens: Set<string>;
}

/**
 * Lists the prices of the underlyings that these pools hold, have ordered or use as collateral, including missing
 * prices. What nobody holds is left out, so that a quote that stopped long ago raises no alarm.
 */
export function heldPrices(pools: readonly StoredPool[], { snapshot, parameters }: PreparedEngine): HeldPrice[] {
  const accepted = new Map(parameters.collateral.map((one) => [one.asset, one]));
  const sources: Sources = { underlyings: new Set(), tokens: new Set() };
  const { underlyings, tokens } = sources;
  const instrumentIds = new Set<string>();
  for (const { contents } of pools) {
    if (contents === null) continue;
    const { collateral, positions, poolCurrency } = contents.pool;
    for (const { instrumentId, quantity } of positions) if (quantity !== 0) instrumentIds.add(instrumentId);
    for (const { instrumentId } of contents.openOrders) instrumentIds.add(instrumentId);
    const balances = collateral.filter(({ amount }) => amount !== 0);
    for (const { asset } of balances) if (accepted.has(asset)) addBehind(asset, accepted, sources);
    if (balances.length + positions.length > 0) addBehind(poolCurrency, accepted, sources);
  }
  const lapsed = snapshot.lapsed?.map(({ quoted }) => quoted) ?? [];
  for (const { instrument } of [...snapshot.instruments, ...lapsed]) {
    if (instrumentIds.has(instrument.instrumentId)) underlyings.add(instrument.underlying);
  }
  const states = new Map(snapshot.underlyings.map((state) => [state.underlying, state]));
  // The US dollar is 1 without a quote.
  if (!states.has("USD")) underlyings.delete("USD");
  const read = new Set(snapshot.tokens?.map(({ asset }) => asset));
  const unread = new Set([...tokens].filter((asset) => !read.has(asset)));
  return [...new Set([...underlyings, ...unread])].sort().map((underlying) => {
    const { priceAgeMs = null, quality = "missing" } = states.get(underlying) ?? {};
    return { underlying, ageMs: priceAgeMs, quality: unread.has(underlying) ? "missing" : quality };
  });
}

/** Adds the sources of an asset's price. It is a market price unless its collateral parameters say otherwise. */
function addBehind(asset: string, accepted: ReadonlyMap<string, CollateralParameters>, sources: Sources): void {
  const parameters = accepted.get(asset);
  const kind = parameters?.valuation.kind;
  if (kind === "redeemable" || kind === "pool_token") sources.tokens.add(asset);
  for (const name of pricedThrough(asset, parameters)) {
    if (name === asset) sources.underlyings.add(name);
    else addBehind(name, accepted, sources);
  }
}
