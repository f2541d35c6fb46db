import type { Instrument, OptionInstrument } from "./instrument.ts";
import { isDatedOption } from "./product-traits.ts";

/**
 * What a price may be used for. A `good` price serves for everything. A `widened` one raises initial margin by its
 * confidence width. A `degraded` one does so too, and may warn but not escalate further. A `blocked` one changes
 * nothing.
 */
export type PriceQuality = "good" | "widened" | "degraded" | "blocked";

export interface UnderlyingState {
  readonly underlying: string;
  /** The index price in US dollars per unit. */
  readonly indexPrice: number;
  readonly quality: PriceQuality;
  /**
   * The relative half-width of the sources' disagreement, where 0.001 is ten basis points. It is charged when the
   * quality is `widened` or `degraded`.
   */
  readonly confidenceWidth: number;
  /** The age of the oldest price used, at the snapshot's time. */
  readonly priceAgeMs: number;
  /** The reason why the quality is not `good`, or null when it is. */
  readonly qualityReason: string | null;
  /**
   * The stablecoin that this price takes to be worth 1 US dollar because no source prices it. It is the underlying
   * itself, or the currency in which the underlying is quoted. The field is absent where the price rests on sources
   * alone.
   */
  readonly atPar?: string;
}

export interface QuotedInstrument {
  readonly instrument: Instrument;
  /** The forward of the expiry, or the index for a perpetual. It is in quote currency per unit of the underlying. */
  readonly forwardPrice: number;
  /**
   * The price at which positions are valued. For futures and perpetuals it is in quote currency per unit. For options,
   * perpetual options and power perpetuals it is in settlement currency per unit, which is coin for inverse ones.
   */
  readonly markPrice: number;
  /**
   * The implied volatility per year, where 0.5 is 50 %. It is null for futures and perpetuals, and for an instrument
   * whose mark comes without a volatility.
   */
  readonly markVolatility: number | null;
  /** The source of the volatility: the venue's mark, or the surface fitted to the marks of neighbouring instruments. */
  readonly volatilitySource: "mark" | "surface" | null;
  /**
   * The funding that holders of a perpetual have paid and are expected to pay. It is absent when the venue states none.
   */
  readonly funding?: FundingState;
  /**
   * The share of the forward that still moves with the index, from 0 to 1. It is below 1 only inside the settlement
   * window, where the forward blends the average so far with the rest. The engine sets it, and an absent share counts
   * as 1.
   */
  readonly movingShare?: number;
}

/** The quote of an instrument of a known product. */
export type Quoted<Product extends Instrument> = QuotedInstrument & { readonly instrument: Product };

/** Returns whether a quote is of an option with an expiry. */
export function isQuotedOption(quoted: QuotedInstrument): quoted is Quoted<OptionInstrument> {
  return isDatedOption(quoted.instrument);
}

export interface FundingState {
  /**
   * The share of the contract's value that a long is expected to pay each hour, negative when it receives. It is null
   * for perpetual options and power perpetuals, whose distance from the payoff gives the funding. It is also null for a
   * perpetual whose rate nobody has stated yet.
   */
  readonly hourlyRate: number | null;
  /**
   * The running sum of all funding paid by one long contract since the venue began, in the settlement currency. It is
   * null when it is not stated.
   */
  readonly cumulative: number | null;
}

/** The average index so far of an expiry inside its settlement window. */
export interface SettlementAverage {
  readonly underlying: string;
  readonly expiryMs: number;
  /** The average in quote currency per unit, over the part of the window that has passed at the snapshot's time. */
  readonly averagePrice: number;
}

/** One immutable view of the market, on which both requirement and equity of a sweep rest. */
export interface MarketSnapshot {
  readonly snapshotId: string;
  readonly asOfMs: number;
  /** The US dollars per unit of each currency that collateral or settlement may use. The list contains USD at 1. */
  readonly currencies: readonly CurrencyPrice[];
  readonly underlyings: readonly UnderlyingState[];
  /** The quoted instruments, sorted by instrument id, each id once. */
  readonly instruments: readonly QuotedInstrument[];
  /**
   * One average for each underlying and expiry inside its settlement window. The field is absent when there is none.
   */
  readonly settlementAverages?: readonly SettlementAverage[];
  /**
   * The instruments that no longer have a mark, sorted by id, none of them among `instruments`. A position in one
   * counts at its payout where that is known, and at its worst otherwise. The field is absent when there is none.
   */
  readonly lapsed?: readonly LapsedInstrument[];
  /** Facts about collateral tokens beyond a market price, each asset once. The field is absent when there is none. */
  readonly tokens?: readonly TokenState[];
  /** The redemption rates of earlier days, each asset once. The field is absent when there is none. */
  readonly tokenRates?: readonly TokenRates[];
}

/**
 * The rates of a token that earlier snapshots read: the first rate of each of the last seven days with one, oldest
 * first.
 */
export interface TokenRates {
  readonly asset: string;
  readonly rates: readonly DatedRate[];
}

export interface DatedRate {
  /** The time of the snapshot that read the rate. */
  readonly atMs: number;
  /** The rate as it was read, not capped; see RedeemableTokenState. */
  readonly rate: number;
}

/**
 * The last known facts of an instrument that has expired and may not be settled yet, or that nobody quotes any more.
 */
export interface LapsedInstrument {
  readonly quoted: QuotedInstrument;
  /** The index price of its underlying at its last mark, in US dollars. */
  readonly indexPrice: number;
  /** The time of the last snapshot that had its mark. */
  readonly markedAtMs: number;
  /**
   * The price at which it settles once it has expired, in quote currency per unit of the underlying. A position in it
   * then counts at its payout at this price. The field is absent while the price is not known.
   */
  readonly settlementPrice?: number;
}

/** The assets that one unit of a token stands for, as its protocol states them. */
export type TokenState = RedeemableTokenState | PoolTokenState;

export interface RedeemableTokenState {
  readonly kind: "redeemable";
  readonly asset: string;
  /** The units of the underlying asset that one unit of the token is redeemed for, as read and not capped. */
  readonly rate: number;
}

export interface PoolTokenState {
  readonly kind: "pool_token";
  readonly asset: string;
  /** The reserves of the pool, in units of each asset. */
  readonly reserves: readonly { readonly asset: string; readonly amount: number }[];
  /** The units of the token in existence. */
  readonly totalSupply: number;
}

export interface CurrencyPrice {
  readonly currency: string;
  readonly priceUsd: number;
}
