import type { ExpiryMarks, UsableMarks } from "./marks.ts";
import { isButterflyFree, type SviParameters, sviTotalVariance } from "./svi.ts";
import { fitSvi } from "./svi-fit.ts";

/**
 * The least number of strikes for a fit. SVI has five parameters, so a fit to fewer strikes says nothing about the
 * marks.
 */
const LEAST_QUOTES_FOR_SVI = 7;

/**
 * The greatest distance of a fit from its marks, as a share of the at-the-money volatility: root mean square, and of
 * any single mark. A fit beyond either is not used.
 */
const LARGEST_MEAN_ERROR = 0.025;
const LARGEST_SINGLE_ERROR = 0.05;

/** The reason why the smile of an expiry is interpolated between its marks instead of fitted. */
export type FallbackReason = "too_few_quotes" | "poor_fit" | "butterfly_arbitrage";

/** A smile given by a formula, free of butterfly arbitrage by the check of `isButterflyFree`. */
export interface SviSmile {
  readonly kind: "svi";
  readonly svi: SviParameters;
  /** The root mean square distance to the marks in volatility per year, weighted as in `fitSvi`. */
  readonly rootMeanSquareError: number;
}

/** A smile of straight lines in total variance between the marks, and flat volatility beyond them. */
export interface InterpolatedSmile {
  readonly kind: "interpolated";
  readonly reason: FallbackReason;
}

/** The smile of one expiry, with the marks from which it was made. */
export interface VolatilitySlice {
  readonly timeToExpiryYears: number;
  readonly forward: number;
  readonly marks: UsableMarks;
  readonly smile: SviSmile | InterpolatedSmile;
}

/**
 * Builds a slice by a fit, or by interpolation with the reason. There must be at least one mark, and all must be
 * usable.
 */
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

/** Computes the total variance of a slice at log-moneyness k, for the slice's own time to expiry. */
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
