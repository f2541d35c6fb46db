import type { CollateralParameters, CollateralReason, TokenState } from "../model/index.ts";
import { weightedPoolFairPrice } from "../pool-tokens/index.ts";
import { depegHaircut, PAR } from "./depeg.ts";
import { maximumRedemptionRate } from "./redemption-rate.ts";

/** What prices are taken from. */
export interface AssetMarket {
  readonly asOfMs: number;
  /** US dollars per unit, only usable prices. */
  readonly currencyPrices: ReadonlyMap<string, number>;
  readonly tokens: ReadonlyMap<string, TokenState>;
  readonly collateral: ReadonlyMap<string, CollateralParameters>;
}

/** What one unit of an asset is worth, US dollars: what is held at the lowest of its prices, what is owed at the highest. */
export interface AssetPrice {
  /** What a balance counts at before haircuts. */
  readonly heldUsd: number;
  readonly owedUsd: number;
  /** Share of all that is held that does not count because a stablecoin behind it is below its peg. */
  readonly depegHaircut: number;
  /** What the held price rests on. */
  readonly reasons: readonly CollateralReason[];
}

/** Why an asset has no price; `asset` is the one that lacks it, itself or what it stands for. */
export interface AssetFault {
  readonly code: "currency_not_priced" | "token_state_unusable";
  readonly asset: string;
  readonly value: string;
}

/** Prices an asset as its collateral parameters say, at the market where it has none; a fault is never a price of 0. */
export function priceAsset(market: AssetMarket, asset: string): AssetPrice | AssetFault {
  const valuation = market.collateral.get(asset)?.valuation;
  switch (valuation?.kind) {
    case "redeemable": {
      const state = market.tokens.get(asset);
      if (state?.kind !== "redeemable") return unusable(asset, "no redemption rate in the snapshot");
      if (!isPositive(state.rate)) return unusable(asset, `redemption rate ${state.rate}`);
      const target = priceAsset(market, valuation.redeemsInto);
      if (isAssetFault(target)) return target;
      const cap = maximumRedemptionRate(valuation, market.asOfMs);
      const rate = Math.min(state.rate, cap);
      const redeemed = rate * target.heldUsd;
      const owed = state.rate * target.owedUsd;
      const rateReason = state.rate > cap ? "rate_cap" : "redemption_rate";
      const depeg = target.depegHaircut;
      if (!valuation.isTraded) return { heldUsd: redeemed, owedUsd: owed, depegHaircut: depeg, reasons: [rateReason] };
      const traded = market.currencyPrices.get(asset);
      if (traded === undefined) return { code: "currency_not_priced", asset, value: asset };
      const reason = traded < redeemed ? "market_price" : rateReason;
      const heldUsd = Math.min(traded, redeemed);
      return { heldUsd, owedUsd: Math.max(traded, owed), depegHaircut: depeg, reasons: [reason] };
    }
    case "pool_token": {
      const state = market.tokens.get(asset);
      if (state?.kind !== "pool_token") return unusable(asset, "no reserves and supply in the snapshot");
      if (!isPositive(state.totalSupply)) return unusable(asset, `total supply ${state.totalSupply}`);
      if (state.reserves.length !== valuation.parts.length) {
        return unusable(asset, `reserves of ${state.reserves.length} assets instead of ${valuation.parts.length}`);
      }
      const held = [];
      const owed = [];
      let depeg = 0;
      for (const { asset: part, weight } of valuation.parts) {
        const reserve = state.reserves.find((entry) => entry.asset === part)?.amount ?? Number.NaN;
        if (!isPositive(reserve)) return unusable(asset, `reserve of ${part}: ${reserve}`);
        const price = priceAsset(market, part);
        if (isAssetFault(price)) return price;
        held.push({ reserve, weight, price: price.heldUsd });
        owed.push({ reserve, weight, price: price.owedUsd });
        // A pool fills up with whichever of its assets falls.
        depeg = Math.max(depeg, price.depegHaircut);
      }
      const heldUsd = weightedPoolFairPrice(held, state.totalSupply);
      const owedUsd = weightedPoolFairPrice(owed, state.totalSupply);
      return { heldUsd, owedUsd, depegHaircut: depeg, reasons: ["pool_fair_price"] };
    }
    default: {
      const price = market.currencyPrices.get(asset);
      if (price === undefined) return { code: "currency_not_priced", asset, value: asset };
      if (valuation?.kind !== "pegged") {
        return { heldUsd: price, owedUsd: price, depegHaircut: 0, reasons: ["market_price"] };
      }
      return {
        heldUsd: Math.min(PAR, price),
        owedUsd: Math.max(PAR, price),
        depegHaircut: depegHaircut(price, valuation.depegTiers),
        reasons: [price > PAR ? "par" : "market_price"],
      };
    }
  }
}

export function isAssetFault(price: AssetPrice | AssetFault): price is AssetFault {
  return "code" in price;
}

function unusable(asset: string, problem: string): AssetFault {
  return { code: "token_state_unusable", asset, value: `${asset}: ${problem}` };
}

function isPositive(amount: number): boolean {
  return amount > 0 && amount < Number.POSITIVE_INFINITY;
}

/** How the price of an asset follows that of an underlying: in proportion to its power of the price. */
export interface PricePower {
  readonly underlying: string;
  /** 1 for the coin and what redeems into it, its weight for a part of a pool. */
  readonly power: number;
}

/** What the price of an asset moves with. */
export function pricePowers(asset: string, parameters: CollateralParameters | undefined): readonly PricePower[] {
  const valuation = parameters?.valuation;
  if (valuation?.kind === "redeemable") return [{ underlying: valuation.redeemsInto, power: 1 }];
  if (valuation?.kind !== "pool_token") return [{ underlying: asset, power: 1 }];
  return valuation.parts.map((part) => ({ underlying: part.asset, power: part.weight }));
}

/** The asset itself, or what a token stands for: whose prices its own rests on. */
export function pricedThrough(asset: string, parameters: CollateralParameters | undefined): readonly string[] {
  const valuation = parameters?.valuation;
  if (valuation?.kind === "pool_token") return valuation.parts.map((part) => part.asset);
  if (valuation?.kind !== "redeemable") return [asset];
  return valuation.isTraded ? [asset, valuation.redeemsInto] : [valuation.redeemsInto];
}
