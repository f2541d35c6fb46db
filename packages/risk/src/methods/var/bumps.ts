import { cornishFisher, cornishFisherContributions, type DeltaGamma, deltaGammaMoments } from "../../measures/index.ts";
import type { JointScenarioSet } from "../../scenarios/index.ts";

/**
 * The most factors (prices and volatilities) that a delta-gamma approximation takes. The number of its bumps grows with
 * their square.
 */
export const DELTA_GAMMA_FACTOR_LIMIT = 16;

/** A bump is this share of a factor's deviation. It is small against the move of a day and large against rounding. */
const BUMP_SHARE = 0.1;

/** Scenarios that move one or two factors by a little, with the size of these moves. */
export interface Bumps {
  readonly set: JointScenarioSet;
  /**
   * The log move by factor, prices and volatilities in the order of the underlyings. It is 0 for a factor that does not
   * move.
   */
  readonly steps: readonly number[];
}

/**
 * Builds the bumps: for each factor one up and one down, then for each pair of factors both up and both down. First and
 * second differences of a book's value need these. The factors are those of covarianceNow, and `deviations` are their
 * standard deviations.
 */
export function buildBumps(history: JointScenarioSet, deviations: readonly number[]): Bumps {
  const steps = deviations.map((deviation) => BUMP_SHARE * deviation);
  const scenarios: [number, number][][] = [];
  for (let i = 0; i < steps.length; i += 1) for (const sign of [1, -1]) scenarios.push([[i, sign]]);
  for (let i = 0; i < steps.length; i += 1) {
    for (let j = i + 1; j < steps.length; j += 1) {
      for (const sign of [1, -1]) scenarios.push([i, j].map((factor) => [factor, sign]));
    }
  }
  const movesOf = (factor: number) =>
    scenarios.map((moved) => moved.reduce((sum, [i, sign]) => (i === factor ? sum + sign * steps[i]! : sum), 0));
  let factor = -1;
  const underlyings = history.underlyings.map((entry) => {
    factor += 1;
    const logReturns = movesOf(factor);
    if (entry.volatilityLogMoves === null) return { ...entry, logReturns };
    factor += 1;
    return { ...entry, logReturns, volatilityLogMoves: movesOf(factor) };
  });
  const scenarioIds = scenarios.map((_, index) => `bump-${index + 1}`);
  return { set: { ...history, stepHours: null, scenarioIds, labels: null, weights: null, underlyings }, steps };
}

/**
 * The loss of a part of a book in each joint scenario, the bumps included. It is in pool currency, and a loss is
 * positive.
 */
interface Losses {
  readonly losses: Float64Array;
}

/**
 * Returns a part of a book to second order in the factors. It reads the losses in the bumps, which start at index
 * `from`.
 */
function expand({ losses }: Losses, from: number, steps: readonly number[]): DeltaGamma {
  const count = steps.length;
  const profit = (scenario: number) => 0 - losses[from + scenario]!;
  const up = (i: number) => profit(2 * i);
  const down = (i: number) => profit(2 * i + 1);
  const gamma = steps.map(() => new Array<number>(count).fill(0));
  let pair = 2 * count;
  for (let i = 0; i < count; i += 1) {
    const step = steps[i]!;
    if (step > 0) gamma[i]![i] = (up(i) + down(i)) / (step * step);
    for (let j = i + 1; j < count; j += 1) {
      const both = profit(pair) + profit(pair + 1) - up(i) - down(i) - up(j) - down(j);
      pair += 2;
      if (!(step > 0 && steps[j]! > 0)) continue;
      gamma[i]![j] = both / (2 * step * steps[j]!);
      gamma[j]![i] = gamma[i]![j]!;
    }
  }
  const delta = steps.map((step, i) => (step > 0 ? (up(i) - down(i)) / (2 * step) : 0));
  return { theta: 0, delta, gamma };
}

/** The Cornish-Fisher figure of a book with what each part adds to it, or the reason why there is no valid figure. */
export type Approximation =
  | { readonly status: "valid"; readonly figure: number; readonly contributions: readonly number[] }
  | { readonly status: "invalid"; readonly reason: string };

/**
 * Computes the delta-gamma value at risk or expected shortfall of a book with Cornish-Fisher, from its losses in the
 * bumps (docs/sources.md, Parametric tails). The figure is in pool currency, and a loss is positive.
 */
export function approximate(
  parts: readonly Losses[],
  from: number,
  steps: readonly number[],
  covariance: readonly (readonly number[])[],
  level: number,
  measure: "value_at_risk" | "expected_shortfall",
): Approximation {
  const expanded = parts.map((part) => expand(part, from, steps));
  const book = expanded.reduce<DeltaGamma>(
    (sum, part) => ({
      theta: 0,
      delta: sum.delta.map((entry, i) => entry + part.delta[i]!),
      gamma: sum.gamma.map((row, i) => row.map((entry, j) => entry + part.gamma[i]![j]!)),
    }),
    { theta: 0, delta: steps.map(() => 0), gamma: steps.map(() => steps.map(() => 0)) },
  );
  const expansion = cornishFisher(deltaGammaMoments(book, covariance), level);
  if (expansion.invalidReason !== null) return { status: "invalid", reason: expansion.invalidReason };
  const key = measure === "value_at_risk" ? "valueAtRisk" : "expectedShortfall";
  const contributions = cornishFisherContributions(expanded, covariance, level).map((figures) => figures[key]);
  return { status: "valid", figure: expansion[key], contributions };
}
