import type { SpanGrid } from "./grid.ts";

/** A contract as SPAN sees it: everything per one long contract, losses positive, in the contract's currency. */
export interface SpanContract {
  readonly contractId: string;
  /** Name of the combined commodity: all products on one underlying that are scanned together. */
  readonly combinedCommodity: string;
  readonly currency: string;
  readonly kind: "future" | "option" | "physical";
  readonly optionType: "call" | "put" | null;
  /** Expiry as yyyymm or yyyymmdd text, which sorts by time. */
  readonly period: string;
  /** One loss per scenario of the grid, the weight of the scenario included. */
  readonly losses: Float64Array;
  readonly compositeDelta: number;
  /** Factor that makes the deltas of differently sized contracts comparable (the file's `sc`). */
  readonly deltaScale: number;
  /** Money value of one long premium-style option; 0 for futures and for options settled like futures. */
  readonly optionValue: number;
}

export interface SpanPosition {
  readonly contract: SpanContract;
  /** Signed number of contracts. */
  readonly quantity: number;
}

/** Consecutive expiries that are treated alike: first and last period, both included. */
export interface SpanTier {
  /** From 1 on; 0 in a leg means all periods. */
  readonly tier: number;
  readonly firstPeriod: string;
  readonly lastPeriod: string;
}

/** One side of a spread. A versus B: one is long and the other short. */
export interface SpanSpreadLeg {
  /** Combined commodity of the leg; within an intra-commodity spread that of its owner. */
  readonly combinedCommodity: string;
  /** Tier of the leg, 0 for all periods; ignored when `period` is given. */
  readonly tier: number;
  readonly period: string | null;
  /** Deltas of this leg in one spread, above 0. */
  readonly deltaPerSpread: number;
  readonly side: "A" | "B";
}

/** A row of the calendar spread table of one combined commodity. */
export interface SpanIntraSpread {
  /** Rows are walked from the lowest. */
  readonly priority: number;
  readonly legs: readonly SpanSpreadLeg[];
  /** `flat`: money per spread; `weighted_price_risk`: share of the legs' weighted price risk. */
  readonly chargeMethod: "flat" | "weighted_price_risk";
  readonly charge: number;
}

/** A row of the table of spreads between combined commodities. */
export interface SpanInterSpread {
  readonly priority: number;
  /**
   * `delta`: credit = spreads x deltas x weighted price risk x rate per leg; `flat`: money per spread, shared by the legs;
   * `scanning`: the legs are scanned as one, `creditRate` of a gain offsetting a loss.
   */
  readonly method: "delta" | "flat" | "scanning";
  /** Super spreads come before the calendar spreads and use up their deltas. */
  readonly isSuper: boolean;
  /** Share (0.55 is 55 %), money per spread when flat, or gain allowance when scanning. */
  readonly creditRate: number;
  readonly legs: readonly SpanSpreadLeg[];
}

/** Charge on deltas of an expiry in its delivery (spot) month, money per delta. */
export interface SpanDeliveryRate {
  readonly period: string;
  readonly ratePerSpreadDelta: number;
  readonly ratePerOutrightDelta: number;
}

export interface SpanCommodityParameters {
  readonly combinedCommodity: string;
  readonly currency: string;
  /** Money of one price scan range for one delta; caps or replaces the weighted price risk. */
  readonly priceScanRange: number;
  /** CME Chadv10-409: price risk over net delta as it is, capped at the scan range, or the scan range itself. */
  readonly weightedPriceRiskMethod: "normal" | "scan_range_cap" | "scan_range";
  readonly intraTiers: readonly SpanTier[];
  readonly interTiers: readonly SpanTier[];
  readonly intraSpreads: readonly SpanIntraSpread[];
  readonly deliveryRates: readonly SpanDeliveryRate[];
  /** Money per short option, at least 0. */
  readonly shortOptionMinimumRate: number;
  /** All short options, or the greater of short calls and short puts. */
  readonly shortOptionMinimumMethod: "gross" | "maximum";
  /** At least 1. */
  readonly initialToMaintenanceRatio: number;
  /** True when a credit for option value may not exceed the risk it is set against (the file's `capAnov`). */
  readonly limitNetOptionValue: boolean;
}

export interface SpanParameters {
  readonly grid: SpanGrid;
  readonly commodities: readonly SpanCommodityParameters[];
  readonly interSpreads: readonly SpanInterSpread[];
}
