import type { ExpiryMarks, UsableMarks } from "./marks.ts";
import { isButterflyFree, type SviParameters, sviTotalVariance } from "./svi.ts";
import { fitSvi } from "./svi-fit.ts";

/** SVI has five parameters; with fewer strikes than this a fit says nothing about the marks. */
const LEAST_QUOTES_FOR_SVI = 7;

/** A fit further from its marks than this share of the at-the-money volatility is not used: on average, and at worst. */
const LARGEST_MEAN_ERROR = 0.025;
const LARGEST_SINGLE_ERROR = 0.05;

/** Why the smile of an expiry is interpolated between its marks instead of fitted. */
export type FallbackReason = "too_few_quotes" | "poor_fit" | "butterfly_arbitrage";

/** The smile as a formula, free of butterfly arbitrage by the check of `isButterflyFree`. */
export interface SviSmile {
  readonly kind: "svi";
  readonly svi: SviParameters;
  /** Distance to the marks in volatility per year, weighted as in `fitSvi`. */
  readonly rootMeanSquareError: number;
}

/** The smile as straight lines in total variance between the marks, and flat volatility beyond them. */
export interface InterpolatedSmile {
  readonly kind: "interpolated";
  readonly reason: FallbackReason;
}

/** The smile of one expiry with the marks it was made from. */
export interface VolatilitySlice {
  readonly timeToExpiryYears: number;
  readonly forward: number;
  readonly marks: UsableMarks;
  readonly smile: SviSmile | InterpolatedSmile;
}

/** Fits a slice, or falls back to interpolation with the reason. The marks must be usable and at least one. */
export function buildSlice(expiry: ExpiryMarks, marks: UsableMarks): VolatilitySlice {
  const { timeToExpiryYears, forward } = expiry;
  return { timeToExpiryYears, forward, marks, smile: buildSmile(marks, timeToExpiryYears) };
}

function buildSmile(marks: UsableMarks, timeToExpiryYears: number): SviSmile | InterpolatedSmile {
  const { logMoneyness, totalVariance } = marks;
  const count = logMoneyness.length;
  if (count < LEAST_QUOTES_FOR_SVI) return { kind: "interpolated", reason: "too_few_quotes" };
  const { svi, penalised, rootMeanSquareError, largestError } = fitSvi(logMoneyness, totalVariance, timeToExpiryYears);
  if (!isButterflyFree(svi, logMoneyness[0]!, logMoneyness[count - 1]!)) {
    return { kind: "interpolated", reason: "butterfly_arbitrage" };
  }
  const atTheMoney = Math.sqrt(interpolatedTotalVariance(marks, 0) / timeToExpiryYears);
  if (!(rootMeanSquareError <= LARGEST_MEAN_ERROR * atTheMoney && largestError <= LARGEST_SINGLE_ERROR * atTheMoney)) {
    return { kind: "interpolated", reason: penalised ? "butterfly_arbitrage" : "poor_fit" };
  }
  return { kind: "svi", svi, rootMeanSquareError };
}

/** Total variance of a slice at log-moneyness k, for its own time to expiry. */
export function sliceTotalVariance(slice: VolatilitySlice, k: number): number {
  return slice.smile.kind === "svi" ? sviTotalVariance(slice.smile.svi, k) : interpolatedTotalVariance(slice.marks, k);
}

function interpolatedTotalVariance({ logMoneyness, totalVariance }: UsableMarks, k: number): number {
  const last = logMoneyness.length - 1;
  if (k <= logMoneyness[0]!) return totalVariance[0]!;
  if (k >= logMoneyness[last]!) return totalVariance[last]!;
  let right = 1;
  while (logMoneyness[right]! < k) right += 1;
  const k0 = logMoneyness[right - 1]!;
  const w0 = totalVariance[right - 1]!;
  return w0 + ((totalVariance[right]! - w0) * (k - k0)) / (logMoneyness[right]! - k0);
}
