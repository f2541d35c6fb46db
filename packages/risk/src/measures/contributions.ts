import { checkWeights, countBeyond, measureTail, measureWeightedTail, type TailMeasure } from "./tail.ts";

/** The scenarios that make up a figure of the tail. The figure is the sum of weight x loss over them. */
export interface TailScenarios {
  /** Scenario indexes from the greatest loss down. Equal losses keep their order. */
  readonly indexes: readonly number[];
  /** The weights of the scenarios in `indexes`. They add up to 1. */
  readonly weights: readonly number[];
}

/**
 * Finds the scenarios that make up the value at risk or the expected shortfall of a loss vector, with their weights.
 * Scenarios with equal losses at the edge of the tail share the weight that is left, so that the result depends neither
 * on their order nor on rounding. `weights` are the probabilities of the scenarios; null means that all are equal.
 */
export function findTailScenarios(
  losses: Float64Array,
  level: number,
  measure: TailMeasure,
  weights: ArrayLike<number> | null = null,
): TailScenarios {
  const count = losses.length;
  if (weights !== null) checkWeights(weights, count);
  const weightOf = (index: number): number => weights?.[index] ?? 1 / count;
  const { valueAtRisk } = weights === null ? measureTail(losses, level) : measureWeightedTail(losses, weights, level);
  const beyond = weights === null ? countBeyond(count, level) : null;
  const indexes: number[] = [];
  for (let s = 0; s < count; s += 1) if (losses[s]! >= valueAtRisk) indexes.push(s);
  indexes.sort((a, b) => losses[b]! - losses[a]! || a - b);
  if (measure === "value_at_risk") {
    const atQuantile = indexes.filter((index) => losses[index] === valueAtRisk);
    return shareOut(atQuantile, weightOf, 1);
  }
  // Without weights the shortfall is the mean of whole scenarios (docs/sources.md, Historical simulation), or the
  // greatest loss alone if none lies beyond the quantile.
  const mass = beyond === null ? 1 - level : Math.max(1, beyond) / count;
  const found: number[] = [];
  const shares: number[] = [];
  let left = mass;
  for (let start = 0; start < indexes.length && left > 1e-12 * mass; ) {
    const loss = losses[indexes[start]!]!;
    let end = start;
    while (end < indexes.length && losses[indexes[end]!] === loss) end += 1;
    const tied = indexes.slice(start, end);
    const tiedMass = tied.reduce((sum, index) => sum + weightOf(index), 0);
    const taken = Math.min(left, tiedMass);
    const shared = shareOut(tied, weightOf, taken / mass);
    found.push(...shared.indexes);
    shares.push(...shared.weights);
    left -= taken;
    start = end;
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  return { indexes: found, weights: shares.map((share) => share / total) };
}

/** Shares `mass` among scenarios in proportion to their probabilities, or equally if these are all 0. */
function shareOut(indexes: readonly number[], weightOf: (index: number) => number, mass: number): TailScenarios {
  const total = indexes.reduce((sum, index) => sum + weightOf(index), 0);
  return {
    indexes,
    weights: indexes.map((index) => mass * (total > 0 ? weightOf(index) / total : 1 / indexes.length)),
  };
}

/**
 * The contribution of one part of a book to the figure of the whole. Losses are positive, in the currency of the
 * losses.
 */
export interface Contribution {
  /** The part's own loss in the scenarios that make up the figure. The components of all parts add up to the figure. */
  readonly component: number;
  /**
   * Change of the figure per additional unit of quantity, which is component / quantity. It is null for a quantity of
   * 0.
   */
  readonly marginal: number | null;
  /** The figure of the book minus its figure without this part. It is negative for a hedge. */
  readonly incremental: number;
}

/** A part of a book: its quantity, and its loss in each scenario. */
export interface BookPart {
  readonly quantity: number;
  readonly losses: Float64Array;
}

/** The figure of a whole book with the contribution of each of its parts. */
export interface Contributions {
  readonly total: number;
  readonly tail: TailScenarios;
  /** One contribution per part, in the order of the parts. */
  readonly parts: readonly Contribution[];
}

/**
 * Computes the Euler contributions of parts to the value at risk or expected shortfall of their sum. The figure is a
 * weighted sum of losses, and so linear in the parts as long as the same scenarios make it up. The component of a part
 * is therefore its own loss in them, and components add up to the total but for rounding. The incremental contribution
 * removes the part completely.
 */
export function measureContributions(
  parts: readonly BookPart[],
  level: number,
  measure: TailMeasure,
  weights: ArrayLike<number> | null = null,
): Contributions {
  const scenarioCount = parts[0]?.losses.length ?? 0;
  const short = parts.findIndex(({ losses }) => losses.length !== scenarioCount);
  if (scenarioCount === 0 || short >= 0) {
    const found = parts[short]?.losses.length ?? 0;
    throw new RangeError(`parts[${Math.max(0, short)}] has ${found} losses; give each part ${scenarioCount || "some"}`);
  }
  const sum = new Float64Array(scenarioCount);
  for (const { losses } of parts) for (let s = 0; s < scenarioCount; s += 1) sum[s] = sum[s]! + losses[s]!;
  const tail = findTailScenarios(sum, level, measure, weights);
  const total = sumOver(tail, sum);
  const without = new Float64Array(scenarioCount);
  return {
    total,
    tail,
    parts: parts.map(({ quantity, losses }) => {
      const component = sumOver(tail, losses);
      for (let s = 0; s < scenarioCount; s += 1) without[s] = sum[s]! - losses[s]!;
      return {
        component,
        marginal: quantity === 0 ? null : component / quantity,
        incremental: total - figureOf(without, level, measure, weights),
      };
    }),
  };
}

/** Returns the sum of weight x loss over the scenarios of a tail. */
export function sumOver({ indexes, weights }: TailScenarios, losses: Float64Array): number {
  let sum = 0;
  for (const [place, index] of indexes.entries()) sum += weights[place]! * losses[index]!;
  return sum;
}

function figureOf(
  losses: Float64Array,
  level: number,
  measure: TailMeasure,
  weights: ArrayLike<number> | null,
): number {
  const tail = weights === null ? measureTail(losses, level) : measureWeightedTail(losses, weights, level);
  return measure === "value_at_risk" ? tail.valueAtRisk : tail.expectedShortfall;
}
