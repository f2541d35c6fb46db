import { factorCovariance, repairCorrelations } from "../measures/correlation.ts";
import { meanSquare } from "../measures/ewma.ts";
import type { Matrix } from "../measures/matrix.ts";
import { checkDegrees, drawChiSquare } from "../measures/student.ts";
import type { MonteCarloParameters, StatedCorrelation } from "../methods/var/parameters.ts";
import { createRandom } from "../numbers/index.ts";
import type { JointScenarioSet } from "./joint.ts";
import { forecastVolatilities, type ScenarioFilter } from "./joint-filter.ts";

/**
 * How scenarios are drawn. The current volatility of a factor is the filter's forecast, kept within the filter's bounds
 * of its volatility over the whole history.
 */
export interface DrawParameters extends MonteCarloParameters, ScenarioFilter {}

/** The drawn scenarios, or the reason why there are none. */
export type DrawnScenarios =
  | {
      readonly status: "drawn";
      readonly set: JointScenarioSet;
      /** The greatest change of a correlation by the repair, or 0 when there was nothing to repair. */
      readonly repairedBy: number;
    }
  | { readonly status: "refused"; readonly reason: string };

/** A price or an implied volatility whose moves are drawn. */
interface Factor {
  readonly underlying: string;
  readonly kind: "price" | "volatility";
  readonly moves: readonly number[];
}

/**
 * The greatest size of a drawn log move, a factor of e^5. A heavier draw from the tail would describe no real market.
 */
const MOVE_LIMIT = 5;

/**
 * Draws scenarios of multivariate Student t factors. Correlations come from the history (mean 0) or are stated, and
 * volatilities are the current ones. One chi-square variable serves all factors of a draw, so that they are extreme
 * together. The draws are seeded, so that every pool and every machine sees the same ones. They are antithetic:
 * scenario 2i + 1 is scenario 2i mirrored. Factors without any variance do not move.
 */
export function drawScenarios(history: JointScenarioSet, parameters: DrawParameters): DrawnScenarios {
  const { scenarioCount, degreesOfFreedom, seed } = parameters;
  checkDegrees(degreesOfFreedom);
  if (!(Number.isInteger(scenarioCount) && scenarioCount > 0 && scenarioCount % 2 === 0)) {
    throw new RangeError(`Scenario count is ${scenarioCount}; it must be an even number above 0`);
  }
  const factors = collectFactors(history);
  const estimated = stateCorrelations(estimateCorrelations(factors), factors, parameters.correlations);
  let factored = factorCovariance(estimated);
  let repairedBy = 0;
  if (factored.status === "not_positive_semidefinite" && parameters.impossibleCorrelations === "repair") {
    const repaired = repairCorrelations(estimated);
    repairedBy = repaired.greatestChange;
    factored = factorCovariance(repaired.correlations);
  }
  if (factored.status !== "ok") {
    const names = factors.map(({ underlying, kind }) => `${underlying} ${kind}`).join(", ");
    return { status: "refused", reason: `correlations of ${names} are impossible: ${factored.reason}` };
  }
  const { factor } = factored;
  const deviations = factors.map((entry) => deviationNow(entry, history, parameters));
  const random = createRandom(seed);
  const drawn = factors.map(() => new Array<number>(scenarioCount).fill(0));
  for (let s = 0; s < scenarioCount; s += 2) {
    const normals = factors.map(() => random.normal());
    const fatness = Math.sqrt((degreesOfFreedom - 2) / drawChiSquare(random, degreesOfFreedom));
    for (let row = 0; row < factors.length; row += 1) {
      let sum = 0;
      for (let column = 0; column <= row; column += 1) sum += factor[row]![column]! * normals[column]!;
      const move = Math.max(-MOVE_LIMIT, Math.min(MOVE_LIMIT, deviations[row]! * fatness * sum));
      drawn[row]![s] = move;
      drawn[row]![s + 1] = 0 - move;
    }
  }
  const movesOf = (underlying: string, kind: Factor["kind"]) => {
    const index = factors.findIndex((entry) => entry.underlying === underlying && entry.kind === kind);
    return drawn[index]!;
  };
  return {
    status: "drawn",
    repairedBy,
    set: {
      ...history,
      kind: "monte_carlo",
      stepHours: null,
      scenarioIds: drawn[0]!.map((_, s) => `draw-${Math.floor(s / 2) + 1}${s % 2 === 0 ? "" : "-mirrored"}`),
      labels: null,
      weights: null,
      underlyings: history.underlyings.map((entry) => ({
        ...entry,
        logReturns: movesOf(entry.underlying, "price"),
        volatilityLogMoves: entry.volatilityLogMoves && movesOf(entry.underlying, "volatility"),
      })),
    },
  };
}

function collectFactors({ underlyings }: JointScenarioSet): Factor[] {
  return underlyings.flatMap(({ underlying, logReturns, volatilityLogMoves }): Factor[] => [
    { underlying, kind: "price", moves: logReturns },
    ...(volatilityLogMoves === null ? [] : [{ underlying, kind: "volatility", moves: volatilityLogMoves } as const]),
  ]);
}

function deviationNow({ moves }: Factor, { horizonHours, stepHours }: JointScenarioSet, by: DrawParameters): number {
  const whole = Math.sqrt(meanSquare(moves));
  if (whole === 0) return 0;
  const lag = Math.max(1, Math.ceil(horizonHours / (stepHours ?? horizonHours)));
  const now = forecastVolatilities(moves, by.lambda, lag)[moves.length]!;
  return whole * Math.min(by.maximumRatio, Math.max(by.minimumRatio, now / whole));
}

/**
 * Computes the covariance of the factors of a set about mean 0 at their current volatilities. Each underlying's price
 * comes first, then its implied volatility where the set has one.
 */
export function covarianceNow(history: JointScenarioSet, parameters: DrawParameters): Matrix {
  const factors = collectFactors(history);
  const correlations = stateCorrelations(estimateCorrelations(factors), factors, parameters.correlations);
  const deviations = factors.map((entry) => deviationNow(entry, history, parameters));
  return correlations.map((row, i) => row.map((entry, j) => entry * deviations[i]! * deviations[j]!));
}

function estimateCorrelations(factors: readonly Factor[]): number[][] {
  const squares = factors.map(({ moves }) => moves.reduce((sum, move) => sum + move * move, 0));
  return factors.map((a, i) =>
    factors.map((b, j) => {
      if (i === j) return 1;
      if (squares[i] === 0 || squares[j] === 0) return 0;
      const product = a.moves.reduce((sum, move, s) => sum + move * b.moves[s]!, 0);
      return product / Math.sqrt(squares[i]! * squares[j]!);
    }),
  );
}

function stateCorrelations(estimated: number[][], factors: readonly Factor[], stated: readonly StatedCorrelation[]) {
  const priceOf = (name: string) =>
    factors.findIndex(({ underlying, kind }) => underlying === name && kind === "price");
  for (const { first, second, correlation } of stated) {
    const [row, column] = [priceOf(first), priceOf(second)];
    if (row < 0 || column < 0 || row === column) continue;
    estimated[row]![column] = correlation;
    estimated[column]![row] = correlation;
  }
  return estimated;
}
