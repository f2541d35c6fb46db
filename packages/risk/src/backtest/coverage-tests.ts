import { logRatio, normalQuantile } from "../numbers/index.ts";
import { binomialDistribution, chiSquareCritical, chiSquareTail } from "./distributions.ts";

/** A likelihood ratio, with the probability of one at least as large when the margin is right. */
export interface RatioTest {
  readonly likelihoodRatio: number;
  /** The probability, from 0 to 1. If it is below the level of the test, the margin is rejected. */
  readonly pValue: number;
}

/**
 * Computes Kupiec's proportion of failures, which tests whether the share of exceptions fits their stated probability
 * (docs/sources.md, Backtests of coverage). The ratio is LR = -2 ln[(1-p)^(T-x) p^x / ((1-x/T)^(T-x) (x/T)^x)],
 * chi-square of one degree. 0 ln 0 counts as 0, so that no exception gives -2 T ln(1-p).
 */
export function kupiecTest(exceptions: number, observations: number, probability: number): RatioTest {
  checkCounts(exceptions, observations, probability);
  const rest = observations - exceptions;
  const likelihoodRatio = Math.max(
    0,
    2 *
      (timesLogRatio(exceptions, exceptions, observations * probability) +
        timesLogRatio(rest, rest, observations * (1 - probability))),
  );
  return { likelihoodRatio, pValue: chiSquareTail(likelihoodRatio, 1) };
}

/**
 * Returns the least and the most exceptions that Kupiec's test does not reject at a level, or null when it rejects all.
 */
export function kupiecAcceptedExceptions(
  observations: number,
  probability: number,
  testLevel: number,
): { readonly least: number; readonly most: number } | null {
  const critical = chiSquareCritical(testLevel, 1);
  const accepts = (exceptions: number) => kupiecTest(exceptions, observations, probability).likelihoodRatio <= critical;
  // The ratio falls to 0 at T p and rises from there, so the accepted numbers are consecutive around it.
  const centre = Math.round(observations * probability);
  const start = [centre, centre - 1, centre + 1].find((x) => x >= 0 && x <= observations && accepts(x));
  if (start === undefined) return null;
  let least = start;
  let most = start;
  while (least > 0 && accepts(least - 1)) least -= 1;
  while (most < observations && accepts(most + 1)) most += 1;
  return { least, most };
}

/**
 * The counts of successive pairs of observations. The first digit says whether the earlier observation has an exception
 * (1) or not (0), the second digit whether the later one has.
 */
export interface ExceptionTransitions {
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
}

/** Counts the pairs in a sequence of exceptions, each 0 or 1, in the order of time. NaN breaks the sequence. */
export function countTransitions(exceptions: ArrayLike<number>): ExceptionTransitions {
  const counts = [0, 0, 0, 0];
  for (let index = 1; index < exceptions.length; index += 1) {
    const pair = 2 * exceptions[index - 1]! + exceptions[index]!;
    if (pair >= 0) counts[pair] = counts[pair]! + 1;
  }
  const [n00, n01, n10, n11] = counts as [number, number, number, number];
  return { n00, n01, n10, n11 };
}

/**
 * Computes Christoffersen's independence test, which asks whether an exception is as likely after an exception as after
 * none (docs/sources.md, Backtests of coverage). The ratio is chi-square of one degree. Factors whose count is 0 drop
 * out. If no observation follows an exception, nothing can be tested and the ratio is 0.
 */
export function christoffersenIndependence({ n00, n01, n10, n11 }: ExceptionTransitions): RatioTest {
  const all = n00 + n01 + n10 + n11;
  const hits = n01 + n11;
  const logLikelihood = (misses: number, met: number) =>
    timesLogRatio(misses, misses, misses + met) + timesLogRatio(met, met, misses + met);
  const split = logLikelihood(n00, n01) + logLikelihood(n10, n11);
  const likelihoodRatio = Math.max(0, 2 * (split - logLikelihood(all - hits, hits)));
  return { likelihoodRatio, pValue: chiSquareTail(likelihoodRatio, 1) };
}

/**
 * Computes Christoffersen's conditional coverage: the sum of Kupiec's ratio and that of independence, chi-square of two
 * degrees.
 */
export function conditionalCoverageTest(coverage: RatioTest, independence: RatioTest): RatioTest {
  const likelihoodRatio = coverage.likelihoodRatio + independence.likelihoodRatio;
  return { likelihoodRatio, pValue: chiSquareTail(likelihoodRatio, 2) };
}

/** Computes count x ln(above / below), which is 0 when the count is 0. */
function timesLogRatio(count: number, above: number, below: number): number {
  return count === 0 ? 0 : count * logRatio(above, below);
}

export type TrafficLightZone = "green" | "yellow" | "red";

/** The place of a number of exceptions in the Basel traffic light. */
export interface TrafficLight {
  readonly zone: TrafficLightZone;
  /** The probability of so many exceptions or fewer when the margin is right. */
  readonly cumulativeProbability: number;
  /** The figure added to the multiplier of 3, which is 0 in green and 1 in red. */
  readonly plusFactor: number;
}

/** The cumulative probabilities at which yellow and red begin (Basel Committee, 1996). */
const YELLOW_FROM = 0.95;
const RED_FROM = 0.9999;

/**
 * Basel's plus factors for 5 to 9 exceptions in 250 days at 1 % (believed to be those of the Basel Committee, 1996; docs/sources.md,
 * Backtests of coverage).
 */
const BASEL_PLUS_FACTORS = [0.4, 0.5, 0.65, 0.75, 0.85];

/**
 * Computes the Basel traffic light from the binomial distribution, for any number of observations and any probability.
 * For 250 observations at 1 % the plus factor in yellow is Basel's own. Elsewhere it is 3 (z(1-p) / z(1-x/T) - 1), at
 * most 1. This is our generalisation of the normal rescaling that Basel's figures round.
 */
export function trafficLight(exceptions: number, observations: number, probability: number): TrafficLight {
  checkCounts(exceptions, observations, probability);
  const cumulativeProbability = binomialDistribution(exceptions, observations, probability);
  if (cumulativeProbability < YELLOW_FROM || exceptions === 0) {
    return { zone: "green", cumulativeProbability, plusFactor: 0 };
  }
  if (cumulativeProbability >= RED_FROM) return { zone: "red", cumulativeProbability, plusFactor: 1 };
  const isBasel = observations === 250 && probability === 0.01;
  const plusFactor = isBasel
    ? BASEL_PLUS_FACTORS[exceptions - 5]!
    : rescalingFactor(exceptions / observations, probability);
  return { zone: "yellow", cumulativeProbability, plusFactor };
}

function rescalingFactor(frequency: number, probability: number): number {
  const reached = normalQuantile(1 - frequency);
  if (!(reached > 0)) return 1;
  return Math.min(1, Math.max(0, 3 * (normalQuantile(1 - probability) / reached - 1)));
}

function checkCounts(exceptions: number, observations: number, probability: number): void {
  if (!Number.isInteger(observations) || observations < 1) {
    throw new RangeError(`Observations are ${observations}; give a whole number from 1 on`);
  }
  if (!Number.isInteger(exceptions) || exceptions < 0 || exceptions > observations) {
    throw new RangeError(
      `Exceptions are ${exceptions} of ${observations}; give a whole number from 0 to ${observations}`,
    );
  }
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`The probability of an exception is ${probability}; give one above 0 and below 1`);
  }
}

/**
 * How a margin compared with the losses that it was to cover. Loss and margin are positive and in the same currency.
 */
export interface MarginCoverage {
  /** The number of pairs of a margin and the loss after it in which both are known. */
  readonly observations: number;
  /** The number of losses above their margin. */
  readonly exceptions: number;
  /** The share of observations that were covered, or null without observations. */
  readonly coverage: number | null;
  /** The greatest loss beyond its margin, and its index. It is null when every loss was covered. */
  readonly worst: { readonly index: number; readonly loss: number; readonly margin: number } | null;
}

/** Compares each margin with the loss that followed it. A pair with a NaN is not an observation. */
export function measureCoverage(margins: ArrayLike<number>, losses: ArrayLike<number>): MarginCoverage {
  if (margins.length !== losses.length) {
    throw new RangeError(
      `There are ${margins.length} margins and ${losses.length} losses; give one loss to each margin`,
    );
  }
  let observations = 0;
  let exceptions = 0;
  let worst: MarginCoverage["worst"] = null;
  for (let index = 0; index < margins.length; index += 1) {
    const margin = margins[index]!;
    const loss = losses[index]!;
    const uncovered = loss - margin;
    if (Number.isNaN(uncovered)) continue;
    observations += 1;
    if (!(uncovered > 0)) continue;
    exceptions += 1;
    if (worst === null || uncovered > worst.loss - worst.margin) worst = { index, loss, margin };
  }
  return { observations, exceptions, coverage: observations === 0 ? null : 1 - exceptions / observations, worst };
}
