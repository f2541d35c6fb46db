/** What the scenarios of a set are: days that were, those days rescaled to today's volatility, drawn, or named stresses. */
export const jointScenarioKinds = ["historical", "filtered", "monte_carlo", "stress"] as const;

export type JointScenarioKind = (typeof jointScenarioKinds)[number];

/** Where the moves of an underlying without a history of its own come from. */
export interface ScenarioProxy {
  readonly underlying: string;
  /** Its log returns times this. */
  readonly beta: number;
  /** Scenarios, the oldest ones of the set, that are the proxy's; all of them where there is no history at all. */
  readonly scenarioCount: number;
}

/** The moves of one underlying, or of a currency off its peg, one figure for each scenario of its set. */
export interface JointMoves {
  /** Symbol of an underlying of the snapshot, or of a currency: `USDC` in a scenario of a depeg. */
  readonly underlying: string;
  /** ln(price after / price before); 0 where it does not move. */
  readonly logReturns: readonly number[];
  /** ln(volatility after / before) of its implied volatilities; null without a history of them: a rule gives them. */
  readonly volatilityLogMoves: readonly number[] | null;
  /** Null when all moves are its own. */
  readonly proxy: ScenarioProxy | null;
}

/**
 * Scenarios that move all underlyings at once, so that how they move together is in the data: scenario s is entry s of
 * every list. Plain data, stored with the parameters.
 */
export interface JointScenarioSet {
  /** Names the set and its version: `sample-1`. */
  readonly setId: string;
  readonly kind: JointScenarioKind;
  /** Hours over which each move happened; 24 for a day. */
  readonly horizonHours: number;
  /**
   * Hours between one scenario and the next, in order of time and oldest first; less than the horizon when windows overlap.
   * Null when the order means nothing (stress, Monte Carlo).
   */
  readonly stepHours: number | null;
  /** Distinct; of history the date, or date and hour, at which the move was complete: `2020-03-12`, `2020-03-12T11Z`. */
  readonly scenarioIds: readonly string[];
  /** For people; null when the ids say it. */
  readonly labels: readonly string[] | null;
  /** Probability of each scenario, adding up to 1; null when all count the same. */
  readonly weights: readonly number[] | null;
  /** Sorted by name, each once. */
  readonly underlyings: readonly JointMoves[];
}
