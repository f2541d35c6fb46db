import { SCENARIO_LIMIT } from "../../scenarios/scenario-set.ts";
import { between, type NumberBounds, type ObjectBounds, rate, symbol, type TextBounds, underlying } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/**
 * Where the scenarios of the method `var` come from: the history as it was; the history rescaled to the volatility of now; the
 * second-order approximation of the book under normal factors, which falls back to the history where it is not valid; or
 * draws of fat-tailed factors with the volatilities and correlations of the history.
 */
export const varSimulations = ["historical", "filtered", "delta_gamma", "monte_carlo"] as const;

export type VarSimulation = (typeof varSimulations)[number];

/** An underlying that takes its moves from another; `*` serves any that has no history and is not listed. */
export interface HistoryProxy {
  readonly underlying: string;
  readonly proxy: string;
  /** Its log returns are the proxy's times this; volatility moves are the proxy's as they are. */
  readonly beta: number;
}

/** Volatility of now against then, by exponential weights over days. */
export interface VarFilterParameters {
  /** Weight of the past for each step of one horizon, such as 0.97. */
  readonly lambda: number;
  /** Bounds of the factor on a past move: the lower one keeps calm from shrinking it away. */
  readonly minimumRatio: number;
  readonly maximumRatio: number;
}

/**
 * How old a history may be: days from its last move to the prices that are margined. Volatility of now is read from the end of
 * a history, and by exponential weights a part lambda^days of it is all that an old one still knows.
 */
export interface HistoryAgeParameters {
  /** Beyond this a note names the age. */
  readonly noteDays: number;
  /** Beyond this no volatility of now is taken from it: accounts are not margined on it. At least noteDays. */
  readonly limitDays: number;
}

/** A correlation between the log returns of two underlyings, -1 to 1. */
export interface StatedCorrelation {
  readonly first: string;
  readonly second: string;
  readonly correlation: number;
}

export interface MonteCarloParameters {
  /** Even: every draw comes with its mirror image. */
  readonly scenarioCount: number;
  /** Of Student's t, common to all factors of a scenario; above 2. */
  readonly degreesOfFreedom: number;
  readonly seed: number;
  /** What is done about correlations that no returns could have: no margin, or the nearest by spectral repair, with a note. */
  readonly impossibleCorrelations: "refuse" | "repair";
  /** Correlations of prices that are stated instead of estimated: a stress of what moves together. */
  readonly correlations: readonly StatedCorrelation[];
}

/** What implied volatilities do in a scenario. */
export interface VolatilityRule {
  /**
   * `sticky_strike`: an option keeps the volatility of its strike, times the move; `sticky_delta`: it takes that of the strike
   * as far from the moved forward as its own now is, times the move.
   */
  readonly smile: "sticky_strike" | "sticky_delta";
  /** Where an underlying has no volatility history: relative rise per unit of log return down, and up. Our choice. */
  readonly risePerFall: number;
  readonly risePerRise: number;
}

/** The method `var`. */
export interface VarMethodParameters extends SizedParameters {
  readonly measure: "value_at_risk" | "expected_shortfall";
  /** Above 0.5 and below 1: 0.99. */
  readonly level: number;
  /** Hours; moves of another horizon are scaled by the square root of time before revaluation. */
  readonly horizonHours: number;
  /** The newest scenarios of the history that count; at most what there are. */
  readonly windowScenarios: number;
  /** Least scenarios beyond the quantile; a history with fewer is refused as too short for the level. */
  readonly minimumBeyond: number;
  readonly simulation: VarSimulation;
  readonly filter: VarFilterParameters;
  readonly monteCarlo: MonteCarloParameters;
  readonly volatility: VolatilityRule;
  /** A set of `scenarioSets`, or one that ships. */
  readonly historySetId: string;
  readonly historyAge: HistoryAgeParameters;
  /** Scenarios whose worst loss is required in part, whatever the tail says; null for none. */
  readonly stressSetId: string | null;
  /** Share of the worst stress loss that is required at least, 0 to 1. */
  readonly stressShare: number;
  readonly proxies: readonly HistoryProxy[];
}

const setId: TextBounds = { kind: "text", longest: 64 };

/** Strictly between two numbers. */
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
