import type { SpanGrid } from "./grid.ts";

/**
 * A contract as SPAN sees it. All figures are per one long contract in the contract's currency. Losses are positive.
 */
export interface SpanContract {
  readonly contractId: string;
  /** The name of the combined commodity, which is all products on one underlying that are scanned together. */
  readonly combinedCommodity: string;
  readonly currency: string;
  readonly kind: "future" | "option" | "physical";
  readonly optionType: "call" | "put" | null;
  /** The expiry as yyyymm or yyyymmdd text, which sorts by time. */
  readonly period: string;
  /** One loss per scenario of the grid, with the weight of the scenario applied. */
  readonly losses: Float64Array;
  readonly compositeDelta: number;
  /** The factor that makes the deltas of differently sized contracts comparable (the file's `sc`). */
  readonly deltaScale: number;
  /** The money value of one long premium-style option. It is 0 for futures and for options settled like futures. */
  readonly optionValue: number;
}

export interface SpanPosition {
  readonly contract: SpanContract;
  /** The signed number of contracts. */
  readonly quantity: number;
}

/** Consecutive expiries that are treated alike, from the first to the last period, both included. */
export interface SpanTier {
  /** The number of the tier, from 1 on. In a leg, 0 means all periods. */
  readonly tier: number;
  readonly firstPeriod: string;
  readonly lastPeriod: string;
}

/** One leg of a spread. If the legs of side A are long, those of side B are short, or the other way round. */
export interface SpanSpreadLeg {
  /** The combined commodity of the leg. In an intra-commodity spread it is that of the spread's owner. */
  readonly combinedCommodity: string;
  /** The tier of the leg, or 0 for all periods. It is ignored if `period` is given. */
  readonly tier: number;
  readonly period: string | null;
  /** The deltas of this leg in one spread, above 0. */
  readonly deltaPerSpread: number;
  readonly side: "A" | "B";
}

/** A row of the calendar spread table of one combined commodity. */
export interface SpanIntraSpread {
  /** Rows are used in ascending order of priority. */
  readonly priority: number;
  readonly legs: readonly SpanSpreadLeg[];
  /**
   * `flat` charges money per spread. `weighted_price_risk` charges a share of the weighted price risk of the legs'
   * deltas.
   */
  readonly chargeMethod: "flat" | "weighted_price_risk";
  readonly charge: number;
}

/** A row of the table of spreads between combined commodities. */
export interface SpanInterSpread {
  readonly priority: number;
  /**
   * With `delta`, the credit of each leg is spreads x deltas x weighted price risk x rate. With `flat`, the credit is
   * money per spread, which the legs share equally. With `scanning`, the legs are scanned as one and `creditRate` of a
   * gain offsets a loss.
   */
  readonly method: "delta" | "flat" | "scanning";
  /**
   * Super spreads come before the calendar spreads. With `delta` or `flat` they also use up the deltas of calendar
   * spreads.
   */
  readonly isSuper: boolean;
  /** A share (0.55 is 55 %), money per spread if flat, or the gain allowance if scanning. */
  readonly creditRate: number;
  readonly legs: readonly SpanSpreadLeg[];
}

/** The charge on deltas of an expiry in its delivery (spot) month, in money per delta. */
export interface SpanDeliveryRate {
  readonly period: string;
  readonly ratePerSpreadDelta: number;
  readonly ratePerOutrightDelta: number;
}

export interface SpanCommodityParameters {
  readonly combinedCommodity: string;
  readonly currency: string;
  /**
   * The money that one delta loses over one price scan range. It caps or replaces the weighted price risk, as the
   * method below says.
   */
  readonly priceScanRange: number;
  /**
   * The methods of CME Chadv10-409: price risk over net delta as it is, capped at the price scan range, or replaced by
   * that range.
   */
  readonly weightedPriceRiskMethod: "normal" | "scan_range_cap" | "scan_range";
  readonly intraTiers: readonly SpanTier[];
  readonly interTiers: readonly SpanTier[];
  readonly intraSpreads: readonly SpanIntraSpread[];
  readonly deliveryRates: readonly SpanDeliveryRate[];
  /** The money per short option, at least 0. */
  readonly shortOptionMinimumRate: number;
  /** `gross` counts all short options, and `maximum` counts the greater of short calls and short puts. */
  readonly shortOptionMinimumMethod: "gross" | "maximum";
  /** Initial risk over maintenance risk, at least 1. */
  readonly initialToMaintenanceRatio: number;
  /** True if a credit for option value may not exceed the risk that it is set against (the file's `capAnov`). */
  readonly limitNetOptionValue: boolean;
}

export interface SpanParameters {
  readonly grid: SpanGrid;
  readonly commodities: readonly SpanCommodityParameters[];
  readonly interSpreads: readonly SpanInterSpread[];
}
