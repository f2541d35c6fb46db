import {
  type CollateralParameters,
  type CollateralReason,
  type DatedRate,
  type Instrument,
  type PoolTokenValuation,
  priceCurrency,
  type RedeemableValuation,
  type TokenState,
} from "../model/index.ts";
import { weightedPoolFairPrice } from "../pool-tokens/fair-price.ts";
import { depegHaircut, PAR } from "./haircut.ts";
import { redemptionRateBounds } from "./redemption-rate.ts";

/** The inputs from which assets are priced. */
export interface AssetPrices {
  readonly asOfMs: number;
  /** US dollars per unit. It holds usable prices only. */
  readonly currencyPrices: ReadonlyMap<string, number>;
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** Redemption rates of the previous days, by token. */
  readonly tokenRates: ReadonlyMap<string, readonly DatedRate[]>;
  readonly collateral: ReadonlyMap<string, CollateralParameters>;
}

/**
 * The worth of one unit of an asset in US dollars. What is held counts at its lowest price, what is owed at its
 * highest.
 */
export interface AssetPrice {
  /** The price of a positive balance before haircuts. */
  readonly heldUsd: number;
  readonly owedUsd: number;
  /** Haircut on everything held, as a fraction, because a stablecoin behind the asset is below its peg. */
  readonly depegHaircut: number;
  /** The sources of the held price. */
  readonly reasons: readonly CollateralReason[];
  /**
   * Set if the rate read is beyond the bounds of a believable rate. It is null if it is within them, or if there is no
   * rate.
   */
  readonly rateReason: RateReason | null;
}

export type RateReason = Extract<CollateralReason, "rate_cap" | "rate_collapsed">;

/** Why an asset has no price. `asset` is the one without a price: the asset itself, or one that it stands for. */
export interface AssetFault {
  readonly code: "currency_not_priced" | "token_state_unusable";
  readonly asset: string;
  readonly value: string;
}

/**
 * Prices an asset by its collateral parameters, or at its market price if it has none. A fault is never a price of 0.
 */
export function priceAsset(market: AssetPrices, asset: string): AssetPrice | AssetFault {
  const valuation = market.collateral.get(asset)?.valuation;
  if (valuation?.kind === "redeemable") return priceRedeemable(market, asset, valuation);
  if (valuation?.kind === "pool_token") return pricePoolToken(market, asset, valuation);
  const price = market.currencyPrices.get(asset);
  if (price === undefined) return { code: "currency_not_priced", asset, value: asset };
  if (valuation?.kind !== "pegged") {
    return { heldUsd: price, owedUsd: price, depegHaircut: 0, reasons: ["market_price"], rateReason: null };
  }
  return {
    heldUsd: Math.min(PAR, price),
    owedUsd: Math.max(PAR, price),
    depegHaircut: depegHaircut(price, valuation.depegTiers),
    reasons: [price > PAR ? "par" : "market_price"],
    rateReason: null,
  };
}

function priceRedeemable(market: AssetPrices, asset: string, valuation: RedeemableValuation): AssetPrice | AssetFault {
  const state = market.tokens.get(asset);
  if (state?.kind !== "redeemable") return unusable(asset, "no redemption rate in the snapshot");
  if (!isUsable(state.rate)) return unusable(asset, `redemption rate ${state.rate}`);
  const target = priceAsset(market, valuation.redeemsInto);
  if (isAssetFault(target)) return target;
  const traded = valuation.isTraded ? market.currencyPrices.get(asset) : null;
  if (traded === undefined) return { code: "currency_not_priced", asset, value: asset };
  const { rate } = state;
  const { minimum, maximum } = redemptionRateBounds(valuation, market.tokenRates.get(asset) ?? [], market.asOfMs);
  const rateReason = rate > maximum ? "rate_cap" : rate < minimum ? "rate_collapsed" : null;
  const believed = Math.min(rate, maximum);
  const redeemed = believed * target.heldUsd;
  const restsOnMarket = traded !== null && traded < redeemed;
  const onRate: CollateralReason[] =
    rateReason === "rate_collapsed" ? ["redemption_rate", rateReason] : [rateReason ?? "redemption_rate"];
  return tokenPrice(asset, {
    heldUsd: restsOnMarket ? traded : redeemed,
    owedUsd: Math.max(traded ?? 0, Math.max(believed, minimum) * target.owedUsd),
    depegHaircut: target.depegHaircut,
    reasons: restsOnMarket ? ["market_price"] : onRate,
    rateReason,
  });
}

function pricePoolToken(market: AssetPrices, asset: string, valuation: PoolTokenValuation): AssetPrice | AssetFault {
  const state = market.tokens.get(asset);
  if (state?.kind !== "pool_token") return unusable(asset, "no reserves and supply in the snapshot");
  if (!isUsable(state.totalSupply)) return unusable(asset, `total supply ${state.totalSupply}`);
  if (state.reserves.length !== valuation.parts.length) {
    return unusable(asset, `reserves of ${state.reserves.length} assets instead of ${valuation.parts.length}`);
  }
  const held = [];
  const owed = [];
  let depeg = 0;
  for (const { asset: part, weight } of valuation.parts) {
    const reserve = state.reserves.find((entry) => entry.asset === part)?.amount ?? Number.NaN;
    if (!isUsable(reserve)) return unusable(asset, `reserve of ${part}: ${reserve}`);
    const price = priceAsset(market, part);
    if (isAssetFault(price)) return price;
    held.push({ reserve, weight, price: price.heldUsd });
    owed.push({ reserve, weight, price: price.owedUsd });
    // A pool accumulates whichever of its assets falls, so the greatest haircut counts.
    depeg = Math.max(depeg, price.depegHaircut);
  }
  return tokenPrice(asset, {
    heldUsd: weightedPoolFairPrice(held, state.totalSupply),
    owedUsd: weightedPoolFairPrice(owed, state.totalSupply),
    depegHaircut: depeg,
    reasons: ["pool_fair_price"],
    rateReason: null,
  });
}

/** Returns the price of a token, or a fault if it is too large or too small to compute with. */
function tokenPrice(asset: string, price: AssetPrice): AssetPrice | AssetFault {
  if (isUsable(price.heldUsd) && isUsable(price.owedUsd)) return price;
  return unusable(asset, `worth ${price.heldUsd} US dollars held, ${price.owedUsd} owed`);
}

export function isAssetFault(price: AssetPrice | AssetFault): price is AssetFault {
  return "code" in price;
}

function unusable(asset: string, problem: string): AssetFault {
  return { code: "token_state_unusable", asset, value: `${asset}: ${problem}` };
}

/** Amounts and prices above this, or below its inverse, are taken as faults of their source. */
const MAGNITUDE_LIMIT = 1e18;

function isUsable(amount: number): boolean {
  return amount >= 1 / MAGNITUDE_LIMIT && amount <= MAGNITUDE_LIMIT;
}

/** How the price of an asset follows an underlying: in proportion to a power of the underlying's price. */
export interface PricePower {
  readonly underlying: string;
  /** The power is 1 for the coin and for tokens that redeem into it, and the weight of the part for a pool token. */
  readonly power: number;
}

/** Lists the underlyings that the price of an asset moves with. */
export function pricePowers(asset: string, parameters: CollateralParameters | undefined): readonly PricePower[] {
  const valuation = parameters?.valuation;
  if (valuation?.kind === "redeemable") return [{ underlying: valuation.redeemsInto, power: 1 }];
  if (valuation?.kind !== "pool_token") return [{ underlying: asset, power: 1 }];
  return valuation.parts.map((part) => ({ underlying: part.asset, power: part.weight }));
}

/** Lists the assets whose prices determine that of an asset: the asset itself, or what a token stands for. */
export function pricedThrough(asset: string, parameters: CollateralParameters | undefined): readonly string[] {
  const valuation = parameters?.valuation;
  if (valuation?.kind === "pool_token") return valuation.parts.map((part) => part.asset);
  if (valuation?.kind !== "redeemable") return [asset];
  return valuation.isTraded ? [asset, valuation.redeemsInto] : [valuation.redeemsInto];
}

/**
 * Says in words why no method supports the currency that an instrument is quoted in. It is null for US dollars and
 * currencies pegged to them. The engine moves prices of underlyings in US dollars only. A price in another moving
 * currency is a ratio of two prices, of which it would scan only one.
 */
export function findQuoteFault(
  instrument: Instrument,
  collateral: ReadonlyMap<string, CollateralParameters>,
): string | null {
  const currency = priceCurrency(instrument);
  if (currency === "USD" || collateral.get(currency)?.valuation.kind === "pegged") return null;
  return currency === instrument.underlying
    ? `it is quoted and settled in ${currency}, its own underlying`
    : `it is quoted in ${currency}, whose price moves`;
}
