import { type FundingParameters, hourlyFundingRate, impactPremium } from "../../perpetuals/index.ts";

/** Derive's convergence time, static rate and cap, all per hour. */
export type DeriveFundingParameters = FundingParameters;

/**
 * Funding rate per hour of a perpetual (Derive; docs/sources.md, Funding rates): the premium of the impact prices over
 * the index, spread over the convergence time, plus the static rate, capped. Longs pay a positive rate: amount x
 * index x rate per hour.
 *
 * `impactBid` and `impactAsk` are the prices at which the impact notional can be sold and bought.
 */
export function deriveHourlyFundingRate(
  indexPrice: number,
  impactBid: number,
  impactAsk: number,
  parameters: DeriveFundingParameters,
): number {
  return hourlyFundingRate(impactPremium(indexPrice, impactBid, impactAsk), parameters);
}

/** Cash that a position pays (positive) or receives in `hours` at a funding rate: amount x index x rate x hours. */
export function deriveFundingPayment(amount: number, indexPrice: number, hourlyRate: number, hours: number): number {
  return amount * indexPrice * hourlyRate * hours;
}
