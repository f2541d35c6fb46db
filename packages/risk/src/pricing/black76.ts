import { COLUMN_SCENARIOS, openPricingKernel } from "../kernel/pricing-kernel.ts";
import { expInRange, logRatio } from "../numbers/exponential.ts";
import { normalTailRatioInRange } from "../numbers/normal.ts";

/** The sign of an option: +1 for a call, -1 for a put. */
export type OptionSign = 1 | -1;

/**
 * Beyond this many deviations e^(-a^2/2), which is below 1e-321, is taken for 0. An option so far out of the money has
 * no value, and one so far on the other side is worth its bound.
 */
const DEVIATIONS_OF_WEIGHT = 38.5;

/**
 * Computes the undiscounted value of the out-of-the-money option, per unit of underlying. That is the call when the
 * strike is the higher of forward and strike, else the put. Swapping forward and strike swaps the two, so one formula
 * serves both: lower N(-a) - upper N(-b). Here a = |ln(F/K)|/s - s/2 and b = a + s, where s is the total volatility. As
 * lower n(a) = upper n(b), one exponential gives both terms.
 *
 * `lower` is min(F, K), `distance` is |ln(F/K)|, and `totalVolatility` is vol sqrt(T) above 0. NaN in gives NaN out.
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
 * Computes the undiscounted value of an option, per unit of underlying, at a forward that was already moved. The
 * argument `logMoneyness` is ln(F/K) at that forward. The out-of-the-money side is priced and the intrinsic value is
 * added. A call and a put of the same strike therefore differ by exactly the same rounded intrinsic value. The kernel
 * (assembly/kernel.ts) computes the same bits.
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
 * Values one European option in `count` scenarios and writes the values to `out` from `outOffset` on. They are
 * discounted, in quote currency per unit of underlying, and never negative.
 *
 * In scenario s the forward is forward * priceMultiplier[s], and logPriceMultiplier[s] must be ln(priceMultiplier[s]).
 * The total volatility (vol sqrt(T), already shocked) is totalVolatility[s]. A total volatility of 0 gives the
 * discounted intrinsic value. A negative or NaN one, and NaN anywhere else, gives NaN in that scenario. A forward or
 * multiplier of 0 (logarithm -Infinity) gives 0 for a call and the discounted strike for a put. Throws a RangeError
 * when `count` scenarios do not fit the arrays.
 *
 * The formula is that of Black (1976), Journal of Financial Economics 3.
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

/**
 * Computes the volatility over the whole remaining life, vol sqrt(T). It is 0 at and after expiry, and NaN when either
 * argument is NaN.
 */
export function totalVolatilityOf(volatility: number, timeToExpiryYears: number): number {
  return volatility * Math.sqrt(Math.max(0, timeToExpiryYears));
}

/**
 * Computes the discounted value of one European option in quote currency per unit of underlying. It gives the same bits
 * as `black76IntoScenarios` in a scenario without moves.
 *
 * Volatility is per year (0.5 is 50 %). At or after expiry, or at zero volatility, the value is the discounted
 * intrinsic value. NaN anywhere, a negative volatility and a negative forward or strike give NaN. A forward of 0 or
 * Infinity and an infinite volatility give the limits. The error is below 2e-15 discountFactor max(F, K) in total, and
 * below 1e-9 of a price above 1e-10 of that.
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
