import type { Instrument } from "./instrument.ts";

/**
 * What a price is fit for: `good` everything; `widened` raises initial margin; `degraded` may warn but not escalate;
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
}

export interface QuotedInstrument {
  readonly instrument: Instrument;
  /** Forward of the expiry (the index for a perpetual), quote currency per unit of the underlying. */
  readonly forwardPrice: number;
  /**
   * Price positions are valued at. Futures and perpetuals: quote currency per unit. Options: settlement currency per
   * unit of the underlying (coin for inverse ones).
   */
  readonly markPrice: number;
  /** Implied volatility per year, 0.5 is 50 %; null for futures, and for options whose mark has none. */
  readonly markVolatility: number | null;
  /** Where the volatility comes from: the venue's mark, or the surface fitted to the marks of its neighbours. */
  readonly volatilitySource: "mark" | "surface" | null;
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
}

export interface CurrencyPrice {
  readonly currency: string;
  readonly priceUsd: number;
}
