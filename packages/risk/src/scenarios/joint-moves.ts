import type { JointMoves, JointScenarioSet } from "./joint.ts";

/**
 * Returns the moves of a set with each list of moves changed. Volatility moves that are null stay null, so that a rule
 * still gives them.
 */
export function mapMoves(
  set: JointScenarioSet,
  change: (moves: readonly number[], kind: "price" | "volatility") => ArrayLike<number>,
): readonly JointMoves[] {
  return set.underlyings.map((entry) => ({
    ...entry,
    logReturns: Array.from(change(entry.logReturns, "price")),
    volatilityLogMoves: entry.volatilityLogMoves && Array.from(change(entry.volatilityLogMoves, "volatility")),
  }));
}

/**
 * Returns a set with its newest `count` scenarios in order of time. It returns the set itself if there are no more
 * scenarios, or if they have no order in time.
 */
export function newestScenarios(set: JointScenarioSet, count: number): JointScenarioSet {
  const from = set.scenarioIds.length - count;
  if (from <= 0 || set.stepHours === null) return set;
  const kept = set.weights?.slice(from);
  const keptWeight = kept?.reduce((sum, weight) => sum + weight, 0) ?? 1;
  return {
    ...set,
    scenarioIds: set.scenarioIds.slice(from),
    labels: set.labels?.slice(from) ?? null,
    weights: kept?.map((weight) => weight / keptWeight) ?? null,
    underlyings: mapMoves(set, (moves) => moves.slice(from)).map((entry) => {
      const left = (entry.proxy?.scenarioCount ?? 0) - from;
      return entry.proxy === null
        ? entry
        : { ...entry, proxy: left > 0 ? { ...entry.proxy, scenarioCount: left } : null };
    }),
  };
}

/**
 * Scales moves to another horizon by the square root of time, which is right for independent moves only. Options need
 * no such assumption, because only moves are scaled and books are revalued in full. A set of stresses is returned
 * unchanged.
 */
export function scaleHorizon(set: JointScenarioSet, horizonHours: number): JointScenarioSet {
  if (set.kind === "stress" || set.horizonHours === horizonHours) return set;
  const factor = Math.sqrt(horizonHours / set.horizonHours);
  return { ...set, horizonHours, underlyings: mapMoves(set, (moves) => moves.map((move) => move * factor)) };
}

/** Returns the moves of an underlying in a set: its own or those of a proxy, or null where there is neither. */
export function findMoves(
  set: JointScenarioSet,
  underlying: string,
  proxies: readonly { readonly underlying: string; readonly proxy: string; readonly beta: number }[],
): JointMoves | null {
  const own = set.underlyings.find((entry) => entry.underlying === underlying);
  if (own !== undefined) return own;
  const rule =
    proxies.find((entry) => entry.underlying === underlying) ?? proxies.find((entry) => entry.underlying === "*");
  const moves = rule && set.underlyings.find((entry) => entry.underlying === rule.proxy);
  if (rule === undefined || moves === undefined) return null;
  return {
    underlying,
    logReturns: moves.logReturns.map((move) => move * rule.beta),
    volatilityLogMoves: moves.volatilityLogMoves,
    proxy: { underlying: rule.proxy, beta: rule.beta, scenarioCount: set.scenarioIds.length },
  };
}
