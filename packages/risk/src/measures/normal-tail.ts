import { exp, normalDensity, normalDistribution, normalQuantile } from "../numbers/index.ts";
import { checkLevel } from "./tail.ts";

/** Value at risk and expected shortfall. Losses are positive. */
export interface TailFigures {
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
}

/** Computes the tail of a standard normal loss: z(a), and phi(z) / (1 - a) (docs/sources.md, Parametric tails). */
export function normalTail(level: number): TailFigures {
  checkLevel(level);
  const valueAtRisk = normalQuantile(level);
  return { valueAtRisk, expectedShortfall: normalDensity(valueAtRisk) / (1 - level) };
}

/** Risk of exposures to jointly normal returns, in the currency of the exposures. */
export interface DeltaNormal extends TailFigures {
  /** Standard deviation of the profit. */
  readonly deviation: number;
  /**
   * Euler contributions z d_i (Sigma d)_i / deviation. They add up to the value at risk, and are 0 if the deviation is
   * 0.
   */
  readonly componentValuesAtRisk: readonly number[];
  /** Euler contributions to the expected shortfall. */
  readonly componentShortfalls: readonly number[];
}

/**
 * Computes the variance-covariance value at risk with deviation sqrt(d' Sigma d) and mean 0 (docs/sources.md,
 * Parametric tails). `covariance` is that of the returns over the horizon and must be positive semi-definite (see
 * factorCovariance). A deviation of 0 gives figures of 0.
 */
export function deltaNormal(
  exposures: readonly number[],
  covariance: readonly (readonly number[])[],
  level: number,
): DeltaNormal {
  const { valueAtRisk: z, expectedShortfall: shortfall } = normalTail(level);
  const moved = exposures.map((_, row) =>
    exposures.reduce((sum, exposure, column) => sum + covariance[row]![column]! * exposure, 0),
  );
  const variance = exposures.reduce((sum, exposure, index) => sum + exposure * moved[index]!, 0);
  if (!(variance >= 0)) {
    throw new RangeError(`Variance of the profit is ${variance}; give a positive semi-definite covariance`);
  }
  const deviation = Math.sqrt(variance);
  const shares = exposures.map((exposure, index) => (deviation === 0 ? 0 : (exposure * moved[index]!) / deviation));
  return {
    deviation,
    valueAtRisk: z * deviation,
    expectedShortfall: shortfall * deviation,
    componentValuesAtRisk: shares.map((share) => z * share),
    componentShortfalls: shares.map((share) => shortfall * share),
  };
}

/** Computes the covariance matrix of volatilities and correlations: correlation x volatility x volatility. */
export function covarianceOf(
  volatilities: readonly number[],
  correlations: readonly (readonly number[])[],
): number[][] {
  return volatilities.map((row, i) => volatilities.map((column, j) => correlations[i]![j]! * row * column));
}

/** Expected shortfall of one unit held long or sold short, as a fraction of its price. */
export interface LogNormalFactors {
  readonly long: number;
  readonly short: number;
}

/**
 * Computes the margin per unit if the price is log-normal over tau years: short e^(mu tau) N(z + s) / l - 1 and long 1
 * - e^(mu tau) N(z - s) / l, with l = 1 - level the probability of the tail, z its normal quantile and s = sigma
 * sqrt(tau) (Vega protocol; docs/sources.md, Parametric tails).
 */
export function logNormalFactors(
  tailProbability: number,
  tauYears: number,
  drift: number,
  volatility: number,
): LogNormalFactors {
  checkLevel(tailProbability);
  if (!(tauYears >= 0 && volatility >= 0)) {
    throw new RangeError(`Years are ${tauYears} and volatility ${volatility}; both must be at least 0`);
  }
  const z = normalQuantile(tailProbability);
  const s = volatility * Math.sqrt(tauYears);
  const growth = exp(drift * tauYears);
  return {
    short: (growth * normalDistribution(z + s)) / tailProbability - 1,
    long: 1 - (growth * normalDistribution(z - s)) / tailProbability,
  };
}
