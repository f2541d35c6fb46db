import { exp, pow } from "../numbers/index.ts";

export interface PowerPerpetualValue {
  /** In quote currency for one unit of spot^power. */
  readonly price: number;
  /** price / spot^power, which shows the price of convexity. */
  readonly normalised: number;
  /** d(price)/d(spot) = power x price / spot. */
  readonly delta: number;
  /** d2(price)/d(spot)2. */
  readonly gamma: number;
  /** d(price)/d(volatility), per 1.00 of volatility. */
  readonly vega: number;
}

/**
 * Computes the price of a power perpetual that pays mark minus spot^power once per funding interval: the sum over n of
 * 2^-n times the power claim of n intervals, S^p / (2 e^(-f (p - 1)(2r + p v^2)/2) - 1) (squeeth is p = 2;
 * docs/sources.md, Perpetual options and powers). It is Infinity if the claims grow faster than the weights fall, which
 * is a denominator of 0 or less. NaN gives NaN.
 *
 * `intervalYears` is the time f between two fundings; `rate` and `volatility` are per year.
 */
export function powerPerpetualValue(
  spot: number,
  power: number,
  rate: number,
  volatility: number,
  intervalYears: number,
): PowerPerpetualValue {
  const growth = (intervalYears * (power - 1) * (2 * rate + power * volatility * volatility)) / 2;
  const decay = exp(-growth);
  const denominator = 2 * decay - 1;
  const normalised = denominator <= 0 ? Number.POSITIVE_INFINITY : 1 / denominator;
  const price = pow(spot, power) * normalised;
  const growthVega = intervalYears * (power - 1) * power * volatility;
  return {
    price,
    normalised,
    delta: (power * price) / spot,
    gamma: (power * (power - 1) * price) / spot / spot,
    vega: 2 * decay * growthVega * normalised * price,
  };
}
