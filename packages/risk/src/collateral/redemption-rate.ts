import type { RedeemableValuation } from "../model/index.ts";
import { MS_PER_DAY } from "../numbers/time.ts";

/**
 * Highest redemption rate believed at a time: anchorRate x (1 + maximumGrowthPerDay x days since the anchor), linear as in
 * Aave's capped ratio adapters. Before the anchor it is the anchor's own rate. A rate that a donation or a faulty feed lifts
 * within a block counts up to here only.
 */
export function maximumRedemptionRate(valuation: RedeemableValuation, asOfMs: number): number {
  const days = Math.max(0, asOfMs - valuation.anchorAtMs) / MS_PER_DAY;
  return valuation.anchorRate * (1 + valuation.maximumGrowthPerDay * days);
}
