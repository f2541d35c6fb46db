/**
 * The kinds of scenarios that a set may hold: past days, past days rescaled to current volatility, drawn scenarios, or
 * named stresses.
 */
export const jointScenarioKinds = ["historical", "filtered", "monte_carlo", "stress"] as const;

export type JointScenarioKind = (typeof jointScenarioKinds)[number];

/** The source of the moves of an underlying that lacks a history of its own. */
export interface ScenarioProxy {
  readonly underlying: string;
  /** The factor applied to the proxy's log returns. */
  readonly beta: number;
  /**
   * The number of scenarios, the oldest ones of the set, that come from the proxy. It is the number of all scenarios
   * where the underlying has no history at all.
   */
  readonly scenarioCount: number;
}

/** The moves of one underlying, or of a currency off its peg, with one figure for each scenario of its set. */
export interface JointMoves {
  /** The symbol of an underlying of the snapshot, or of a currency such as `USDC` in a scenario of a depeg. */
  readonly underlying: string;
  /** The log returns ln(price after / price before), 0 where the price does not move. */
  readonly logReturns: readonly number[];
  /**
   * ln(volatility after / before) of its implied volatilities. It is null without a history of them, and then a rule
   * gives the moves.
   */
  readonly volatilityLogMoves: readonly number[] | null;
  /** The proxy behind some or all moves, or null when all moves are its own. */
  readonly proxy: ScenarioProxy | null;
}

/**
 * Scenarios that move all underlyings at once, so that the data contains how they move together. Scenario s is entry s
 * of every list. The set is plain data, stored with the parameters.
 */
export interface JointScenarioSet {
  /** The name of the set and its version, such as `sample-1`. */
  readonly setId: string;
  readonly kind: JointScenarioKind;
  /** The hours over which each move happened, 24 for a day. */
  readonly horizonHours: number;
  /**
   * The hours between one scenario and the next, in order of time with the oldest first. They are less than the horizon
   * when windows overlap. They are null when the order has no meaning, as with stresses and Monte Carlo draws.
   */
  readonly stepHours: number | null;
  /**
   * The distinct ids of the scenarios. In a history the id is the date, or date and hour, at which the move was
   * complete: `2020-03-12`, `2020-03-12T11Z`.
   */
  readonly scenarioIds: readonly string[];
  /** The texts for people, or null when the ids suffice. */
  readonly labels: readonly string[] | null;
  /** The probability of each scenario, adding up to 1, or null when all count the same. */
  readonly weights: readonly number[] | null;
  /** The moves of each underlying, sorted by name, each once. */
  readonly underlyings: readonly JointMoves[];
}
