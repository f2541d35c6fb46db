import type { Instrument, OptionInstrument } from "./instrument.ts";
import { isDatedOption } from "./product-traits.ts";

/**
 * What a price is fit for: `good` everything; `widened` raises initial margin by its confidence width; `degraded` may warn but not escalate;
 * `blocked` touches nothing.
 */
export type PriceQuality = "good" | "widened" | "degraded" | "blocked";

export interface UnderlyingState {
  readonly underlying: string;
  /** Index price in US dollars per unit. */
  readonly indexPrice: number;
  readonly quality: PriceQuality;
  /** Relative half-width of the sources' disagreement; 0.001 is ten basis points. Charged when quality is `widened`. */
  readonly confidenceWidth: number;
  /** Age of the oldest price used, at the snapshot's time. */
  readonly priceAgeMs: number;
  /** Why the quality is not `good`; null when it is. */
  readonly qualityReason: string | null;
  /**
   * The stablecoin that is taken to be worth 1 US dollar in this price, for no source prices it: the underlying itself, or what
   * it is quoted in. Absent where the price rests on sources alone.
   */
  readonly atPar?: string;
}

export interface QuotedInstrument {
  readonly instrument: Instrument;
  /** Forward of the expiry (the index for a perpetual), quote currency per unit of the underlying. */
  readonly forwardPrice: number;
  /**
   * Price positions are valued at. Futures and perpetuals: quote currency per unit. Options, perpetual options and power
   * perpetuals: settlement currency per unit (coin for inverse ones).
   */
  readonly markPrice: number;
  /** Implied volatility per year, 0.5 is 50 %; null for futures and perpetuals, and for what has a mark without one. */
  readonly markVolatility: number | null;
  /** Where the volatility comes from: the venue's mark, or the surface fitted to the marks of its neighbours. */
  readonly volatilitySource: "mark" | "surface" | null;
  /** What holders of a perpetual have paid and are expected to pay; absent when the venue states none. */
  readonly funding?: FundingState;
  /**
   * Share of the forward that still moves with the index, 0 to 1: below 1 only inside the settlement window, where the
   * forward is the blend of the average so far and what is left. Set by the engine; absent counts as 1.
   */
  readonly movingShare?: number;
}

/** The quote of a product that is known. */
export type Quoted<Product extends Instrument> = QuotedInstrument & { readonly instrument: Product };

/** Whether a quote is of an option with an expiry. */
export function isQuotedOption(quoted: QuotedInstrument): quoted is Quoted<OptionInstrument> {
  return isDatedOption(quoted.instrument);
}

export interface FundingState {
  /**
   * Share of the contract's value that a long is expected to pay each hour, negative when it receives. Null for perpetual options
   * and power perpetuals, whose distance from the payoff says it, and for a perpetual whose rate nobody has stated yet.
   */
  readonly hourlyRate: number | null;
  /** Running sum of all funding paid by one long contract since the venue began, settlement currency; null when not stated. */
  readonly cumulative: number | null;
}

/** The average index so far of an expiry inside its settlement window. */
export interface SettlementAverage {
  readonly underlying: string;
  readonly expiryMs: number;
  /** Quote currency per unit, over the part of the window that has passed at the snapshot's time. */
  readonly averagePrice: number;
}

/** One immutable view of the market: requirement and equity of a sweep both rest on it. */
export interface MarketSnapshot {
  readonly snapshotId: string;
  readonly asOfMs: number;
  /** US dollars per unit of each currency that collateral or settlement may use; contains USD at 1. */
  readonly currencies: readonly CurrencyPrice[];
  readonly underlyings: readonly UnderlyingState[];
  /** Sorted by instrument id, each id once. */
  readonly instruments: readonly QuotedInstrument[];
  /** One per underlying and expiry inside its settlement window; absent when there is none. */
  readonly settlementAverages?: readonly SettlementAverage[];
  /**
   * Instruments that have no mark any more, sorted by id, none of them among `instruments`; absent when there is none. What is
   * held of them is counted as what it pays, where that is known, and at its worst otherwise.
   */
  readonly lapsed?: readonly LapsedInstrument[];
  /** What is known of collateral tokens beyond a market price, each asset once; absent when there is none. */
  readonly tokens?: readonly TokenState[];
  /** Redemption rates of the days before, each asset once; absent when there is none. */
  readonly tokenRates?: readonly TokenRates[];
}

/** What earlier snapshots read of a token: the first rate of each day, the last seven such days, oldest first. */
export interface TokenRates {
  readonly asset: string;
  readonly rates: readonly DatedRate[];
}

export interface DatedRate {
  /** Time of the snapshot that read it. */
  readonly atMs: number;
  /** As read, see RedeemableTokenState. */
  readonly rate: number;
}

/** What was last known of an instrument: it has expired and may not be settled yet, or nobody quotes it any more. */
export interface LapsedInstrument {
  readonly quoted: QuotedInstrument;
  /** Index of its underlying at its last mark, US dollars. */
  readonly indexPrice: number;
  /** Time of the last snapshot that had its mark. */
  readonly markedAtMs: number;
  /**
   * The price that it settles at, quote currency per unit of the underlying, once it has expired; absent while it is not known.
   * What is held of it then counts as what it pays there.
   */
  readonly settlementPrice?: number;
}

/** What one unit of a token stands for, as its protocol says. */
export type TokenState = RedeemableTokenState | PoolTokenState;

export interface RedeemableTokenState {
  readonly kind: "redeemable";
  readonly asset: string;
  /** Units of what it redeems into per unit of the token, as read, not capped. */
  readonly rate: number;
}

export interface PoolTokenState {
  readonly kind: "pool_token";
  readonly asset: string;
  /** What the pool holds, in units of each asset. */
  readonly reserves: readonly { readonly asset: string; readonly amount: number }[];
  /** Units of the token in existence. */
  readonly totalSupply: number;
}

export interface CurrencyPrice {
  readonly currency: string;
  readonly priceUsd: number;
}
