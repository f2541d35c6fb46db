import { SCENARIO_LIMIT } from "../../scenarios/scenario-set.ts";
import { between, type NumberBounds, type ObjectBounds, rate, symbol, type TextBounds, underlying } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/**
 * The sources of the scenarios of the method `var`. `historical` takes the history as it was, and `filtered` rescales
 * it to the volatility of now. `delta_gamma` takes the second-order approximation of the book under normal factors, and
 * the history where that is not valid. `monte_carlo` draws fat-tailed factors with the volatilities and correlations of
 * the history.
 */
export const varSimulations = ["historical", "filtered", "delta_gamma", "monte_carlo"] as const;

export type VarSimulation = (typeof varSimulations)[number];

/**
 * An underlying that takes its moves from another. `*` serves every underlying that has no history and is not listed.
 */
export interface HistoryProxy {
  readonly underlying: string;
  readonly proxy: string;
  /** Its log returns are those of the proxy times this. Its volatility moves are those of the proxy, unchanged. */
  readonly beta: number;
}

/** How the volatility of now is compared with that of a past move, by exponential weights over time. */
export interface VarFilterParameters {
  /** The weight of the past for each step of one horizon, such as 0.97. */
  readonly lambda: number;
  /** The bounds of the factor on a past move. The lower one keeps a calm present from shrinking past moves away. */
  readonly minimumRatio: number;
  readonly maximumRatio: number;
}

/**
 * How old a history may be, in days from its last move to the prices that are margined. The volatility of now is read
 * from the end of a history. By exponential weights, a history that is d days old holds only the share lambda^d of what
 * that volatility should reflect.
 */
export interface HistoryAgeParameters {
  /** An older history gets a note that names its age. */
  readonly noteDays: number;
  /** No volatility of now is taken from an older history, so pools are not margined on it. At least noteDays. */
  readonly limitDays: number;
}

/** A stated correlation between the log returns of two underlyings, -1 to 1. */
export interface StatedCorrelation {
  readonly first: string;
  readonly second: string;
  readonly correlation: number;
}

export interface MonteCarloParameters {
  /** The number of draws. It is even, because every draw comes with its mirror image. */
  readonly scenarioCount: number;
  /** The degrees of freedom of Student's t, above 2. All factors of a scenario share its chi-square. */
  readonly degreesOfFreedom: number;
  readonly seed: number;
  /**
   * What happens if no returns could have the correlations. `refuse` gives no margin, and `repair` takes the nearest
   * possible ones by spectral repair and adds a note.
   */
  readonly impossibleCorrelations: "refuse" | "repair";
  /** Correlations of prices that are stated instead of estimated, as a stress of what moves together. */
  readonly correlations: readonly StatedCorrelation[];
}

/** How implied volatilities move in a scenario. */
export interface VolatilityRule {
  /**
   * With `sticky_strike`, an option keeps the volatility of its strike, times the move. With `sticky_delta`, it takes
   * the volatility of another strike, times the move. That strike is as far from the forward of now as its own strike
   * is from the moved forward.
   */
  readonly smile: "sticky_strike" | "sticky_delta";
  /**
   * The rise of ln(volatility) per unit of log return, for falls and for rises, where an underlying has no volatility
   * history. Our choice.
   */
  readonly risePerFall: number;
  readonly risePerRise: number;
}

/** The parameters of the method `var`. */
export interface VarMethodParameters extends SizedParameters {
  readonly measure: "value_at_risk" | "expected_shortfall";
  /** The confidence level, above 0.5 and below 1, such as 0.99. */
  readonly level: number;
  /** The horizon in hours. Moves of another horizon are scaled by the square root of time before revaluation. */
  readonly horizonHours: number;
  /**
   * The number of newest scenarios of the history that count. A shorter history counts in full, as does one without an
   * order in time.
   */
  readonly windowScenarios: number;
  /** The least number of scenarios beyond the quantile. A history with fewer is refused as too short for the level. */
  readonly minimumBeyond: number;
  readonly simulation: VarSimulation;
  readonly filter: VarFilterParameters;
  readonly monteCarlo: MonteCarloParameters;
  readonly volatility: VolatilityRule;
  /** The name of a set in `scenarioSets`, or of one that ships. */
  readonly historySetId: string;
  readonly historyAge: HistoryAgeParameters;
  /** The scenarios of which a share of the worst loss is required, whatever the tail says. Null means no stress. */
  readonly stressSetId: string | null;
  /** The share of the worst stress loss that is required at least, 0 to 1. */
  readonly stressShare: number;
  readonly proxies: readonly HistoryProxy[];
}

const setId: TextBounds = { kind: "text", longest: 64 };

/** Returns the bounds of a number strictly between two others. */
const inside = (above: number, below: number): NumberBounds => ({ kind: "number", above, below });

const monteCarloBounds: ObjectBounds<MonteCarloParameters> = {
  kind: "object",
  members: {
    scenarioCount: { ...between(100, SCENARIO_LIMIT), isWhole: true },
    degreesOfFreedom: { kind: "number", above: 2, most: 1_000 },
    seed: { ...between(0, 2 ** 32 - 1), isWhole: true },
    impossibleCorrelations: { kind: "choice", of: ["refuse", "repair"] },
    correlations: {
      kind: "list",
      of: { kind: "object", members: { first: symbol, second: symbol, correlation: between(-1, 1) } },
      fewest: 0,
      most: 256,
    },
  },
  rules: ({ scenarioCount }) =>
    scenarioCount % 2 === 0
      ? []
      : [
          {
            path: ["scenarioCount"],
            value: scenarioCount,
            allowed: "an even number: every draw comes with its mirror image",
          },
        ],
};

export const varBounds: ObjectBounds<VarMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    measure: { kind: "choice", of: ["value_at_risk", "expected_shortfall"] },
    level: inside(0.5, 1),
    horizonHours: { kind: "number", above: 0, most: 720 },
    windowScenarios: { ...between(1, SCENARIO_LIMIT), isWhole: true },
    minimumBeyond: { ...between(1, 1_000), isWhole: true },
    simulation: { kind: "choice", of: varSimulations },
    filter: {
      kind: "object",
      members: {
        lambda: inside(0, 1),
        minimumRatio: { kind: "number", above: 0, most: 1 },
        maximumRatio: between(1, 100),
      },
    },
    monteCarlo: monteCarloBounds,
    volatility: {
      kind: "object",
      members: {
        smile: { kind: "choice", of: ["sticky_strike", "sticky_delta"] },
        risePerFall: between(0, 20),
        risePerRise: between(-5, 20),
      },
    },
    historySetId: setId,
    historyAge: {
      kind: "object",
      members: { noteDays: between(0, 3_650), limitDays: between(1, 3_650) },
      rules: ({ noteDays, limitDays }) =>
        noteDays <= limitDays
          ? []
          : [
              {
                path: ["limitDays"],
                value: limitDays,
                allowed: "at least note_days: what is refused is noted before",
              },
            ],
    },
    stressSetId: { kind: "nullable", of: setId },
    stressShare: rate,
    proxies: {
      kind: "list",
      of: {
        kind: "object",
        members: { underlying, proxy: symbol, beta: { kind: "number", above: 0, most: 10 } },
      },
      fewest: 0,
      most: 64,
    },
  },
};
