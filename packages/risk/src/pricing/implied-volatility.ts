import { exp, log, logRatio } from "../numbers/exponential.ts";
import { INVERSE_SQRT_TWO_PI, normalTailRatio } from "../numbers/normal.ts";
import type { OptionSign } from "./black76.ts";

/**
 * The greatest number of Newton steps. The method needs 3 to 7 here. More would mean a defect, and the last iterate is
 * still inside its bracket.
 */
const MAX_STEPS = 60;

/** Below this total volatility the difference of the two tails is summed as a series. */
const SHORT = 0.5;

export type ImpliedVolatility =
  | { readonly status: "ok"; readonly volatility: number }
  /** The price is the discounted intrinsic value, so the volatility is 0. */
  | { readonly status: "at_intrinsic"; readonly volatility: 0 }
  /** No volatility gives a price this low. `intrinsic` is the discounted intrinsic value, which is the least price. */
  | { readonly status: "below_intrinsic"; readonly intrinsic: number }
  /**
   * No volatility gives a price this high. `upperBound` is the discounted forward for a call and the discounted strike
   * for a put.
   */
  | { readonly status: "above_upper_bound"; readonly upperBound: number }
  | {
      readonly status: "invalid_input";
      readonly field: "price" | "forward" | "strike" | "timeToExpiryYears" | "discountFactor";
      readonly value: number;
    };

/**
 * Computes the volatility per year at which `black76Price` of the same arguments is `price`, to machine precision. The
 * error is within 1e-14 relative, or the effect of four units in the last place of the price where that is more (deep
 * in the money).
 *
 * Prices without a solution are reported, never guessed. A price that is not finite gives `invalid_input`. So does a
 * forward, strike, time or discount factor that is not finite and above 0.
 *
 * The time value is that of the out-of-the-money option. The method follows a function of total volatility that is
 * nearly straight in each of three regions. P. Jaeckel (Let's Be Rational, 2015) describes the regions. Newton's
 * method, kept in a bracket, finds the solution.
 */
export function impliedVolatility(
  optionSign: OptionSign,
  price: number,
  forward: number,
  strike: number,
  timeToExpiryYears: number,
  discountFactor: number,
): ImpliedVolatility {
  if (!Number.isFinite(price)) return { status: "invalid_input", field: "price", value: price };
  for (const [field, value] of Object.entries({ forward, strike, timeToExpiryYears, discountFactor })) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      return { status: "invalid_input", field: field as "forward", value };
    }
  }
  const intrinsic = discountFactor * Math.max(0, optionSign * (forward - strike));
  if (price === intrinsic) return { status: "at_intrinsic", volatility: 0 };
  if (price < intrinsic) return { status: "below_intrinsic", intrinsic };
  const timeValue = (price - intrinsic) / discountFactor;
  const lower = Math.min(forward, strike);
  if (timeValue >= lower) {
    return { status: "above_upper_bound", upperBound: discountFactor * (optionSign === 1 ? forward : strike) };
  }
  const totalVolatility = solveTotalVolatility(timeValue, lower, Math.abs(logRatio(forward, strike)));
  return { status: "ok", volatility: totalVolatility / Math.sqrt(timeToExpiryYears) };
}

/**
 * Finds the total volatility s at which the out-of-the-money option is worth `timeValue` = lower g(s), where `distance`
 * is x = |ln(F/K)|.
 *
 * Left of s = sqrt(2x), where vega has its peak, 1/sqrt(-ln g) is nearly a straight line through 0. For g above 1/2, so
 * is sqrt(-ln(1 - g)). Between the two, g itself is concave and the search starts left of its root, so Newton's steps
 * cannot overshoot.
 */
function solveTotalVolatility(timeValue: number, lower: number, distance: number): number {
  const target = timeValue / lower;
  const peak = Math.sqrt(2 * distance);
  const valueAtPeak = distance > 0 ? scaledValue(distance, peak) : 0;
  if (target <= valueAtPeak) {
    const root = Math.sqrt(-(target > 1e-300 ? log(target) : log(timeValue) - log(lower)));
    return newton(distance / root / Math.SQRT2, 0, peak, (s) => {
      const a = distance / s - 0.5 * s;
      const tails = tailDifference(distance, s);
      const current = Math.sqrt(0.5 * a * a - log(tails));
      return ((1 / root - 1 / current) * 2 * current * current * current * tails) / INVERSE_SQRT_TWO_PI;
    });
  }
  if (target <= 0.5) {
    return newton(peak + (target - valueAtPeak) / INVERSE_SQRT_TWO_PI, peak, Number.POSITIVE_INFINITY, (s) => {
      const a = distance / s - 0.5 * s;
      return (target - scaledValue(distance, s)) / (INVERSE_SQRT_TWO_PI * exp(-0.5 * a * a));
    });
  }
  const root = Math.sqrt(-log((lower - timeValue) / lower));
  return newton(Math.max(peak, root * Math.sqrt(8)), peak, Number.POSITIVE_INFINITY, (s) => {
    const a = distance / s - 0.5 * s;
    const tails = normalTailRatio(-a) + normalTailRatio(distance / s + 0.5 * s);
    const current = Math.sqrt(0.5 * a * a - log(tails));
    return ((root - current) * 2 * current * tails) / INVERSE_SQRT_TWO_PI;
  });
}

/**
 * Adds `step` to s repeatedly, from `start` on, and never leaves (low, high). It stops once the error after the step,
 * which is of the order of the step squared, no longer matters.
 */
function newton(start: number, low: number, high: number, step: (s: number) => number): number {
  let below = low;
  let above = high;
  let s = Math.min(start, high);
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const move = step(s);
    if (Math.abs(move) <= 1e-9 * s) return s + move;
    if (move > 0) below = s;
    else above = s;
    const next = s + move;
    if (next > below && next < above) s = next;
    else s = above < Number.POSITIVE_INFINITY ? 0.5 * (below + above) : 2 * s;
  }
  return s;
}

/**
 * Computes the value of the out-of-the-money option in units of min(F, K), as `black76IntoScenarios` does but without
 * its cancellation.
 */
function scaledValue(distance: number, s: number): number {
  const a = distance / s - 0.5 * s;
  const gaussian = exp(-0.5 * a * a);
  if (a >= 0 || s < SHORT) return gaussian * tailDifference(distance, s);
  return 1 - gaussian * (normalTailRatio(-a) + normalTailRatio(distance / s + 0.5 * s));
}

/**
 * Computes T(m - h) - T(m + h) for the tail ratio T, m = distance/s and h = s/2. Where the two are close, the result is
 * the odd part of T's Taylor series around m. Its coefficients follow from T' = m T - 1/sqrt(2 pi) by (k + 1) c(k+1) =
 * m c(k) + c(k-1). The plain difference would lose as many digits as the two values have in common.
 */
function tailDifference(distance: number, s: number): number {
  const m = distance / s;
  const h = 0.5 * s;
  if (s >= SHORT || distance >= 1) return normalTailRatio(m - h) - normalTailRatio(m + h);
  let previous = normalTailRatio(m);
  let coefficient = m * previous - INVERSE_SQRT_TWO_PI;
  let power = h;
  let sum = coefficient * power;
  for (let k = 1; k < 21; k += 2) {
    previous = (m * coefficient + previous) / (k + 1);
    coefficient = (m * previous + coefficient) / (k + 2);
    power *= h * h;
    sum += coefficient * power;
  }
  return -2 * sum;
}
