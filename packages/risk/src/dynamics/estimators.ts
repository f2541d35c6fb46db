import { ewmaVariances, meanSquare } from "../measures/index.ts";
import { log, logRatio } from "../numbers/index.ts";
import type { DailyBar } from "./bars.ts";

/** Number of first returns whose mean square is the initial variance. This is our choice. */
const startingReturns = 30;

/**
 * Forecasts the volatility of the next day by exponential weights (docs/sources.md, Volatility by exponential weights),
 * not annualised. It starts from the mean square of the first 30 returns. It is NaN without returns.
 */
export function ewmaVolatility(returns: ArrayLike<number>, lambda: number): number {
  if (returns.length === 0) return Number.NaN;
  const first = Array.from(returns).slice(0, startingReturns);
  return Math.sqrt(ewmaVariances(returns, lambda, meanSquare(first))[returns.length]!);
}

/** Computes the root mean square of daily returns, with their mean taken as 0. It is NaN without returns. */
export function longRunVolatility(returns: ArrayLike<number>): number {
  return returns.length === 0 ? Number.NaN : Math.sqrt(meanSquare(returns));
}

/**
 * Estimates daily volatility from highs and lows: sqrt(mean(ln(high / low)^2) / (4 ln 2)) (Parkinson 1980). For a price
 * without drift it is as precise as five times as many closes; it is too low if prices were observed too rarely to see
 * the extremes. It is NaN without bars.
 */
export function parkinsonVolatility(bars: readonly DailyBar[]): number {
  let sum = 0;
  for (const { high, low } of bars) {
    const range = logRatio(high, low);
    sum += range * range;
  }
  return Math.sqrt(sum / (bars.length * 4 * log(2)));
}

/**
 * Estimates daily volatility from opens, highs, lows and closes: sqrt(mean(ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close
 * / open)^2)) (Garman and Klass 1980). It is 0 if the mean is negative, and NaN without bars.
 */
export function garmanKlassVolatility(bars: readonly DailyBar[]): number {
  let sum = 0;
  for (const { open, high, low, close } of bars) {
    const range = logRatio(high, low);
    const move = logRatio(close, open);
    sum += 0.5 * range * range - (2 * log(2) - 1) * move * move;
  }
  return Math.sqrt(Math.max(0, sum) / bars.length);
}
