import { ewmaVariances, meanSquare } from "../measures/index.ts";
import { log, logRatio } from "../numbers/index.ts";
import type { DailyBar } from "./bars.ts";

/** First returns whose mean square an EWMA starts from: our choice. */
const startingReturns = 30;

/**
 * Volatility of the next day by exponential weights (docs/sources.md, Volatility by exponential weights), not
 * annualised; it starts from the mean square of the first 30 returns. NaN without returns.
 */
export function ewmaVolatility(returns: ArrayLike<number>, lambda: number): number {
  if (returns.length === 0) return Number.NaN;
  const first = Array.from(returns).slice(0, startingReturns);
  return Math.sqrt(ewmaVariances(returns, lambda, meanSquare(first))[returns.length]!);
}

/** Root mean square of daily returns, the mean taken as 0. NaN without returns. */
export function longRunVolatility(returns: ArrayLike<number>): number {
  return returns.length === 0 ? Number.NaN : Math.sqrt(meanSquare(returns));
}

/**
 * Daily volatility from highs and lows, sqrt(mean(ln(high / low)^2) / (4 ln 2)) (Parkinson 1980): as good as five times as
 * many closes for a price without drift, and too low where a price was seen too seldom for its extremes. NaN without bars.
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
 * Daily volatility from opens, highs, lows and closes, sqrt(mean(ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2))
 * (Garman and Klass 1980). 0 where the closes alone would say less than nothing, NaN without bars.
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
