/** How far one number follows volatility, whatever the market does. */
export interface NumberRule {
  /** Volatilities that the number covers: it is 1 less the exponential, or the exponential less 1, of this many. */
  readonly tailMultiplier: number;
  /** Days of the move that it covers; an hour is 1 / 24. */
  readonly horizonDays: number;
  /** What the model would give in the stress that the stressed weight counts; the number's own unit. */
  readonly stressed: number;
  readonly floor: number;
  readonly cap: number;
}

/** Where the volatility of an underlying with too short a history of its own comes from. */
export interface VolatilityProxy {
  readonly underlying: string;
  /** Its volatility times this. */
  readonly multiplier: number;
}

export interface UnderlyingRule {
  /** `*` serves every scan of the parameter set that is not named, and what it is called there. */
  readonly underlying: string;
  readonly priceScanRange: NumberRule;
  /** On the daily changes of the implied volatility. */
  readonly volatilityUp: NumberRule;
  readonly proxy: VolatilityProxy | null;
}

export interface HaircutRule {
  /** Asset whose first maintenance haircut follows its own price; all other bands keep their distance from it. */
  readonly asset: string;
  readonly haircut: NumberRule;
}

/** How the parameters follow the market: estimators, anti-procyclicality tools, speed and the rule of each number. */
export interface DynamicsPolicy {
  /** Weight of yesterday's variance. */
  readonly ewmaLambda: number;
  /** Newest bars that the range estimators look at. */
  readonly rangeDays: number;
  /** Returns below which a history says nothing. */
  readonly minimumReturns: number;
  /** Newest returns of the long-run volatility: 3,650 is ten years. Fewer are taken as they are. */
  readonly longRunReturns: number;
  /** Tool (a): null leaves it out. `releaseAbove` is a multiple of the long-run level. */
  readonly buffer: { readonly fraction: number; readonly releaseAbove: number } | null;
  /** Tool (b): null leaves it out. */
  readonly stressedWeight: number | null;
  /** Tool (c). */
  readonly longRunFloor: boolean;
  /** Greatest rise of a number in one proposal, as a fraction of what it is: fast. */
  readonly increaseLimit: number;
  /** Greatest fall within 24 hours, as a fraction of what it was then: slow. */
  readonly decreaseLimitPerDay: number;
  /** A smaller relative change is none: a new version for every tick would be noise. */
  readonly tolerance: number;
  readonly underlyings: readonly UnderlyingRule[];
  readonly haircuts: readonly HaircutRule[];
}
