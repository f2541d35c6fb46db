import type { DatedRate, RedeemableValuation } from "../model/index.ts";
import { MS_PER_DAY } from "../numbers/time.ts";

/** Least number of recorded days before they are used: with three, one may be wrong. */
const LEAST_RECORDS = 3;

/**
 * Computes the highest believable redemption rate: anchorRate x (1 + maximumGrowthPerDay x days since the anchor),
 * linear as in Aave's capped ratio adapters. Before the anchor it is the anchor's own rate. A higher rate, such as one
 * lifted by a donation or a faulty feed within a block, counts only up to here.
 */
export function maximumRedemptionRate(
  { anchorRate, anchorAtMs, maximumGrowthPerDay }: RedeemableValuation,
  asOfMs: number,
): number {
  const days = Math.max(0, asOfMs - anchorAtMs) / MS_PER_DAY;
  return anchorRate * (1 + maximumGrowthPerDay * days);
}

/** The range of redemption rates that are believed. */
export interface RateBounds {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Computes the range of believable redemption rates at a time. The anchor of the parameters bounds them absolutely: by
 * its growth above, and from its own time on by `maximumFall` below. As that growth has some margin, the maximum moves
 * away from the market over the years. The median of the previous days' rates, itself kept within those bounds, is
 * therefore a second anchor; three wrong days of seven do not move it. A feed that stays wrong for longer meets the
 * bounds of the parameters.
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
