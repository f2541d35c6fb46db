export interface DeriveFundingParameters {
  /** Hours in which the premium would be paid off. */
  readonly convergenceHours: number;
  /** Rate per hour at no premium. */
  readonly staticHourlyRate: number;
  /** Greatest rate per hour, in either direction. */
  readonly hourlyCap: number;
}

/**
 * Funding rate per hour of a perpetual (METHODS.md 11, Derive): the premium of the impact prices over the index, spread over
 * the convergence time, plus the static rate, capped. Longs pay a positive rate: amount x index x rate per hour.
 *
 * `impactBid` and `impactAsk` are the prices at which the impact notional can be sold and bought.
 */
export function deriveHourlyFundingRate(
  indexPrice: number,
  impactBid: number,
  impactAsk: number,
  parameters: DeriveFundingParameters,
): number {
  const premium = (Math.max(0, impactBid - indexPrice) - Math.max(0, indexPrice - impactAsk)) / indexPrice;
  const rate = premium / parameters.convergenceHours + parameters.staticHourlyRate;
  return Math.max(-parameters.hourlyCap, Math.min(parameters.hourlyCap, rate));
}

/** Cash that a position pays (positive) or receives in `hours` at a funding rate: amount x index x rate x hours. */
export function deriveFundingPayment(amount: number, indexPrice: number, hourlyRate: number, hours: number): number {
  return amount * indexPrice * hourlyRate * hours;
}
