import { log, logRatio } from "../numbers/exponential.ts";
import { normalDensity, normalDistribution } from "../numbers/normal.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { black76Price, type OptionSign, totalVolatilityOf } from "./black76.ts";

/** The sensitivities of one long European option per unit of underlying, in quote currency. */
export interface OptionGreeks {
  readonly price: number;
  /** dV/dF, the change of value per unit of the forward. */
  readonly delta: number;
  /** d2V/dF2, the change of delta per unit of the forward. */
  readonly gamma: number;
  /** dV/dvol per 1.00 of volatility. `vegaPerPoint` converts it to one volatility point. */
  readonly vega: number;
  /** The change of value per calendar day (1/365 year) that passes, with forward, volatility and rate unchanged. */
  readonly theta: number;
  /** dV/dr per 1.00 of rate with the forward fixed, as when the future is quoted. It is -T V. */
  readonly rho: number;
  /** dV/dr per 1.00 of rate with the spot fixed and F = S e^(rT). */
  readonly rhoSpotFixed: number;
  /** d2V/dF dvol, the change of delta per 1.00 of volatility. */
  readonly vanna: number;
  /** d2V/dvol2, the change of vega per 1.00 of volatility. */
  readonly volga: number;
}

/** Converts vega per 1.00 of volatility to vega per volatility point (0.01). */
export function vegaPerPoint(vega: number): number {
  return vega / 100;
}

/**
 * Computes the Black-76 Greeks of one long option. The arguments are those of `black76Price`.
 *
 * `rate` is the continuously compounded rate behind the discount factor. Without it, -ln(discountFactor)/T is used.
 * Near expiry that carries the rounding of the discount factor divided by T, which enters theta only.
 *
 * Without time or volatility the value is the discounted intrinsic value. Delta is then the discount factor with the
 * option's sign in the money, half of it exactly at the money, and 0 out of the money. Gamma, vanna, volga and the
 * volatility part of theta are 0, although they have no finite limit at the money. Vega is 0 except at the money with
 * time left. NaN gives NaN throughout.
 */
export function black76Greeks(
  optionSign: OptionSign,
  forward: number,
  strike: number,
  timeToExpiryYears: number,
  volatility: number,
  discountFactor: number,
  rate: number = timeToExpiryYears > 0 ? -log(discountFactor) / timeToExpiryYears : 0,
): OptionGreeks {
  const price = black76Price(optionSign, forward, strike, timeToExpiryYears, volatility, discountFactor);
  const years = Math.max(0, timeToExpiryYears);
  const rootYears = Math.sqrt(years);
  const deviation = totalVolatilityOf(volatility, timeToExpiryYears);
  const ratio = forward === strike ? 0 : logRatio(forward, strike) / deviation;
  const d1 = ratio + 0.5 * deviation;
  const d2 = ratio - 0.5 * deviation;
  // The price is NaN when any argument is. The density carries that NaN into every figure that does not contain the
  // price.
  const density = Number.isNaN(price) ? Number.NaN : normalDensity(d1);
  const discounted = discountFactor * density;
  const curved = density !== 0 && deviation !== 0;
  const vega = discounted === 0 ? 0 : discounted * forward * rootYears;
  const decay = curved ? (0.5 * discounted * forward * volatility) / rootYears : 0;
  return {
    price,
    delta: discountFactor * optionSign * normalDistribution(optionSign * d1),
    gamma: curved ? discounted / (forward * deviation) : 0,
    vega,
    theta: (rate * price - decay) / DAYS_PER_YEAR,
    rho: -years * price,
    rhoSpotFixed: years * discountFactor * optionSign * strike * normalDistribution(optionSign * d2),
    vanna: curved ? (-discounted * d2) / volatility : 0,
    volga: curved ? (vega * d1 * d2) / volatility : 0,
  };
}
