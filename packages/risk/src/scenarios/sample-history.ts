import { drawChiSquare } from "../measures/student.ts";
import { createRandom, type Random } from "../numbers/index.ts";
import type { JointScenarioSet } from "./joint.ts";

/** The name of the history that ships. Its numbers never change, so another history has another name. */
export const sampleHistoryId = "sample-1";

const DAYS = 1_000;

/**
 * Round figures of our own for two coins: a day's deviation, the memory of variance, the tails, and the reaction of
 * volatility to prices.
 */
const model = {
  deviations: { BTC: 0.042, ETH: 0.053 },
  correlation: 0.85,
  degreesOfFreedom: 4,
  /** The variance of tomorrow is base + news x the square of BTC's move today + memory x the variance of today. */
  news: 0.08,
  memory: 0.9,
  /** ln volatility moves by slope x return + bend x |return| + noise. */
  slope: -0.9,
  bend: 0.8,
  noise: 0.04,
} as const;

let kept: JointScenarioSet | null = null;

/**
 * Returns the history that ships: 1,000 invented days of BTC and ETH, drawn from a seed. They have clustered
 * volatility, heavy tails, and falls in which volatility rises. They make the method work before an operator supplies a
 * history, and are not market data.
 */
export function sampleHistory(): JointScenarioSet {
  kept ??= drawHistory(createRandom(20260101));
  return kept;
}

function drawHistory(random: Random): JointScenarioSet {
  const names = ["BTC", "ETH"] as const;
  const returns: Record<string, number[]> = { BTC: [], ETH: [] };
  const volatilities: Record<string, number[]> = { BTC: [], ETH: [] };
  const { news, memory, degreesOfFreedom: nu } = model;
  let variance = 1;
  for (let day = 0; day < DAYS; day += 1) {
    const first = random.normal();
    const second = model.correlation * first + Math.sqrt(1 - model.correlation * model.correlation) * random.normal();
    const fatness = Math.sqrt((nu - 2) / drawChiSquare(random, nu));
    const shocks = { BTC: first * fatness, ETH: second * fatness };
    for (const name of names) {
      const move = Math.max(-1, Math.min(1, model.deviations[name] * Math.sqrt(variance) * shocks[name]));
      const answer = model.slope * move + model.bend * Math.abs(move) + model.noise * random.normal();
      returns[name]!.push(rounded(move));
      volatilities[name]!.push(rounded(answer));
    }
    variance = 1 - news - memory + variance * (news * Math.min(25, shocks.BTC * shocks.BTC) + memory);
  }
  return {
    setId: sampleHistoryId,
    kind: "historical",
    horizonHours: 24,
    stepHours: 24,
    scenarioIds: Array.from({ length: DAYS }, (_, day) => `sample-day-${String(day + 1).padStart(4, "0")}`),
    labels: null,
    weights: null,
    underlyings: names.map((name) => ({
      underlying: name,
      logReturns: returns[name]!,
      volatilityLogMoves: volatilities[name]!,
      proxy: null,
    })),
  };
}

function rounded(move: number): number {
  return Number(move.toFixed(6)) + 0;
}
