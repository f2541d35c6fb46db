import { COLUMN_SCENARIOS, openPricingKernel } from "../kernel/index.ts";
import { expInRange, logRatio } from "../numbers/exponential.ts";
import { normalTailRatioInRange } from "../numbers/normal.ts";

/** +1 for a call, -1 for a put. */
export type OptionSign = 1 | -1;

/**
 * Beyond this many deviations e^(-a^2/2), below 1e-321, is taken for 0: what lies so far out of the money has no value, and
 * what lies so far on the other side is worth its bound.
 */
const DEVIATIONS_OF_WEIGHT = 38.5;

/**
 * Undiscounted value of the out-of-the-money option, per unit of underlying: the call when the strike is the higher of
 * forward and strike, the put when it is the lower. Swapping forward and strike swaps the two, so one formula serves both:
 * lower N(-a) - upper N(-b) with a = |ln(F/K)|/s - s/2 and b = a + s, where s is the total volatility. As
 * lower n(a) = upper n(b), one exponential gives both terms.
 *
 * `lower` is min(F, K), `distance` |ln(F/K)|, `totalVolatility` vol sqrt(T) above 0. NaN in gives NaN out.
 */
function outOfTheMoneyValue(lower: number, distance: number, totalVolatility: number): number {
  const ratio = distance / totalVolatility;
  const a = ratio - 0.5 * totalVolatility;
  const b = ratio + 0.5 * totalVolatility;
  if (a > -DEVIATIONS_OF_WEIGHT && a < DEVIATIONS_OF_WEIGHT) {
    const gaussian = lower * expInRange(-0.5 * a * a);
    const tailA = normalTailRatioInRange(Math.abs(a));
    const tailB = normalTailRatioInRange(b);
    return a >= 0 ? gaussian * (tailA - tailB) : lower - gaussian * (tailA + tailB);
  }
  if (a >= DEVIATIONS_OF_WEIGHT) return 0;
  return a <= -DEVIATIONS_OF_WEIGHT ? lower : Number.NaN;
}

/**
 * Undiscounted value of an option, per unit of underlying, at a forward that was already moved; `logMoneyness` is its
 * ln(F/K). The out-of-the-money side is priced and the intrinsic value added, so that a call and a put of the same strike
 * differ by exactly the same rounded intrinsic value. The kernel (assembly/kernel.ts) computes the same bits.
 */
export function valueInScenario(
  optionSign: OptionSign,
  shockedForward: number,
  strike: number,
  logMoneyness: number,
  totalVolatility: number,
): number {
  const intrinsic = Math.max(0, optionSign * (shockedForward - strike));
  if (totalVolatility > 0) {
    return intrinsic + outOfTheMoneyValue(Math.min(shockedForward, strike), Math.abs(logMoneyness), totalVolatility);
  }
  return totalVolatility === 0 ? intrinsic : Number.NaN;
}

/**
 * Values one European option in `count` scenarios, written to `out` from `outOffset` on: discounted, in quote currency per
 * unit of underlying, never negative.
 *
 * In scenario s the forward is forward * priceMultiplier[s] and the total volatility (vol sqrt(T), already shocked) is
 * totalVolatility[s]; logPriceMultiplier[s] must be ln(priceMultiplier[s]). A total volatility of 0 gives the discounted
 * intrinsic value; a negative or NaN one, and NaN anywhere else, gives NaN in that scenario. A forward or multiplier of 0
 * (logarithm -Infinity) gives 0 for a call and the discounted strike for a put. Throws a RangeError when `count` scenarios
 * do not fit the arrays.
 *
 * Black (1976), Journal of Financial Economics 3.
 */
export function black76IntoScenarios(
  out: Float64Array,
  outOffset: number,
  count: number,
  optionSign: OptionSign,
  forward: number,
  strike: number,
  discountFactor: number,
  priceMultiplier: Float64Array,
  logPriceMultiplier: Float64Array,
  totalVolatility: Float64Array,
): void {
  const shortest = Math.min(priceMultiplier.length, logPriceMultiplier.length, totalVolatility.length);
  if (!(count <= shortest && outOffset >= 0 && outOffset + count <= out.length)) {
    throw new RangeError(
      `${count} scenarios at offset ${outOffset} do not fit: the scenario arrays hold ${shortest}, out holds ${out.length}`,
    );
  }
  const pricing = openPricingKernel();
  pricing.loadedFrom = null;
  const columns = [
    [pricing.priceMultiplier, priceMultiplier],
    [pricing.logPriceMultiplier, logPriceMultiplier],
    [pricing.volatility, totalVolatility],
  ] as const;
  const logMoneyness = logRatio(forward, strike);
  for (let first = 0; first < count; first += COLUMN_SCENARIOS) {
    const last = Math.min(count, first + COLUMN_SCENARIOS);
    for (const [column, figures] of columns) column.values.set(figures.subarray(first, last));
    pricing.kernel.black76(
      pricing.out.address,
      8 * (last - first),
      optionSign,
      forward,
      strike,
      discountFactor,
      logMoneyness,
      pricing.priceMultiplier.address,
      pricing.logPriceMultiplier.address,
      pricing.volatility.address,
    );
    out.set(pricing.out.values.subarray(0, last - first), outOffset + first);
  }
}

/** Volatility over the whole remaining life, vol sqrt(T): 0 at and after expiry, NaN when either is NaN. */
export function totalVolatilityOf(volatility: number, timeToExpiryYears: number): number {
  return volatility * Math.sqrt(Math.max(0, timeToExpiryYears));
}

/**
 * Discounted value of one European option in quote currency per unit of underlying, the same bits as
 * `black76IntoScenarios` in a scenario without moves.
 *
 * Volatility is per year (0.5 is 50 %). At or after expiry, or at zero volatility, it is the discounted intrinsic value; NaN
 * anywhere, a negative volatility and a negative forward or strike give NaN. A forward of 0 or Infinity and an infinite
 * volatility give the limits. Error below 2e-15 discountFactor max(F, K) in total, and 1e-9 of a price above 1e-10 of that.
 */
export function black76Price(
  optionSign: OptionSign,
  forward: number,
  strike: number,
  timeToExpiryYears: number,
  volatility: number,
  discountFactor: number,
): number {
  const totalVolatility = totalVolatilityOf(volatility, timeToExpiryYears);
  return discountFactor * valueInScenario(optionSign, forward, strike, logRatio(forward, strike), totalVolatility);
}
