import type { DatedRate, RedeemableValuation } from "../model/index.ts";
import { MS_PER_DAY } from "../numbers/time.ts";

/** Days that must have been recorded before they are believed: one of three may be wrong. */
const LEAST_RECORDS = 3;

/**
 * Highest redemption rate believed at a time: anchorRate x (1 + maximumGrowthPerDay x days since the anchor), linear as in
 * Aave's capped ratio adapters. Before the anchor it is the anchor's own rate. A rate that a donation or a faulty feed lifts
 * within a block counts up to here only.
 */
export function maximumRedemptionRate(
  { anchorRate, anchorAtMs, maximumGrowthPerDay }: RedeemableValuation,
  asOfMs: number,
): number {
  const days = Math.max(0, asOfMs - anchorAtMs) / MS_PER_DAY;
  return anchorRate * (1 + maximumGrowthPerDay * days);
}

/** Between which redemption rates a reading is believed. */
export interface RateBounds {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * The redemption rates that are believed at a time. The anchor of the parameters bounds them once and for all: by its growth
 * above, by `maximumFall` below (from its own time on). As growth is stated with room, that maximum slides away from the market
 * year by year; so the rates of the days before are a second anchor that follows: their median, which three wrong days of seven
 * do not move, itself within the bounds of the first. A feed that stays wrong for longer meets those of the parameters.
 */
export function redemptionRateBounds(
  valuation: RedeemableValuation,
  earlier: readonly DatedRate[],
  asOfMs: number,
): RateBounds {
  const kept = 1 - valuation.maximumFall;
  const byAnchor = {
    minimum: asOfMs < valuation.anchorAtMs ? 0 : kept * valuation.anchorRate,
    maximum: maximumRedemptionRate(valuation, asOfMs),
  };
  if (earlier.length < LEAST_RECORDS) return byAnchor;
  const { rate, atMs } = earlier.toSorted((a, b) => a.rate - b.rate)[Math.floor((earlier.length - 1) / 2)]!;
  const anchorRate = Math.max(byAnchor.minimum, Math.min(byAnchor.maximum, rate));
  const followed = { ...valuation, anchorRate, anchorAtMs: atMs };
  return {
    minimum: Math.max(byAnchor.minimum, kept * anchorRate),
    maximum: Math.min(byAnchor.maximum, maximumRedemptionRate(followed, asOfMs)),
  };
}
