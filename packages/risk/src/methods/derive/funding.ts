import { type FundingParameters, hourlyFundingRate, impactPremium } from "../../perpetuals/index.ts";

/** The parameters of Derive's funding rate: the convergence time in hours, and the static rate and the cap per hour. */
export type DeriveFundingParameters = FundingParameters;

/**
 * Computes the funding rate per hour of a perpetual (Derive; docs/sources.md, Funding rates). It is the premium of the
 * impact prices over the index, divided by the convergence time, plus the static rate, limited by the cap. Longs pay a
 * positive rate: amount x index x rate per hour.
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

/**
 * Returns the cash that a position pays (positive) or receives in `hours` at a funding rate: amount x
 * index x rate x hours.
 */
export function deriveFundingPayment(amount: number, indexPrice: number, hourlyRate: number, hours: number): number {
  return amount * indexPrice * hourlyRate * hours;
}
