/** The rule by which one number follows volatility, with its bounds. */
export interface NumberRule {
  /**
   * Number of volatilities that the number covers. The number is one minus the exponential, or the exponential minus
   * one, of this multiple.
   */
  readonly tailMultiplier: number;
  /** Days over which the covered move happens. An hour is 1 / 24. */
  readonly horizonDays: number;
  /** The model's value in a stress, in the number's own unit. The stressed weight mixes it in. */
  readonly stressed: number;
  readonly floor: number;
  readonly cap: number;
}

/** The source of volatility for an underlying whose own history is too short. */
export interface VolatilityProxy {
  readonly underlying: string;
  /** The volatility of the proxy is multiplied by this. */
  readonly multiplier: number;
}

export interface UnderlyingRule {
  /** The name of the underlying in the parameter set's scan. `*` stands for every scan that is not named. */
  readonly underlying: string;
  readonly priceScanRange: NumberRule;
  /** This rule uses the daily changes of the implied volatility. */
  readonly volatilityUp: NumberRule;
  readonly proxy: VolatilityProxy | null;
}

export interface HaircutRule {
  /** The asset whose first maintenance haircut follows its own price. All other bands move by the same amount. */
  readonly asset: string;
  readonly haircut: NumberRule;
}

/**
 * The policy by which parameters follow the market: estimators, anti-procyclicality tools, speed limits and the rule of
 * each number.
 */
export interface DynamicsPolicy {
  /** Weight of the previous day's variance. */
  readonly ewmaLambda: number;
  /** Number of newest bars that the range estimators use. */
  readonly rangeDays: number;
  /** Least number of returns. A shorter history gives no estimate. */
  readonly minimumReturns: number;
  /** Number of newest returns in the long-run volatility: 3,650 is ten years. Fewer are used if there are no more. */
  readonly longRunReturns: number;
  /** Tool (a). Null leaves it out. `releaseAbove` is a multiple of the long-run level. */
  readonly buffer: { readonly fraction: number; readonly releaseAbove: number } | null;
  /** Tool (b). Null leaves it out. */
  readonly stressedWeight: number | null;
  /** Whether tool (c) is used. */
  readonly longRunFloor: boolean;
  /** Greatest rise of a number in one proposal, as a fraction of its current value. */
  readonly increaseLimit: number;
  /** Greatest fall of a number within 24 hours, as a fraction of its value then. */
  readonly decreaseLimitPerDay: number;
  /** Smaller relative changes are ignored, so that not every tick makes a new version. */
  readonly tolerance: number;
  readonly underlyings: readonly UnderlyingRule[];
  readonly haircuts: readonly HaircutRule[];
}
