import { exp } from "../numbers/index.ts";
import type { DynamicsPolicy, NumberRule } from "./policy.ts";

/** The volatility behind a number. All volatilities are daily, not annual. */
export interface VolatilityView {
  /** One entry per estimator. The greatest estimate counts. */
  readonly estimates: readonly VolatilityEstimate[];
  /** Null if the history is too short. */
  readonly longRun: number | null;
  /** Why the number may not be lowered: some data are missing. It is null if none are. */
  readonly incomplete: string | null;
}

export interface VolatilityEstimate {
  readonly estimator: "ewma" | "ewma_with_today" | "parkinson" | "garman_klass" | "implied" | "proxy";
  readonly volatility: number;
}

export type NumberField = "price_scan_range" | "volatility_up" | "haircut";

/** What finally determined the number. */
export type MoveReason =
  | "followed"
  | "floor"
  | "cap"
  | "increase_limit"
  | "decrease_limit"
  | "within_tolerance"
  | "incomplete_data"
  | "no_estimate";

/** One step from volatility to the number, in the number's own unit. */
export interface MoveStep {
  readonly step: "model" | "stressed_weight" | "buffer" | "long_run_floor" | "bounds" | "speed";
  readonly value: number;
}

/** The move of one number of the parameter set, with its reason. */
export interface NumberMove {
  /** The name of the underlying in the scan, or the collateral asset. */
  readonly subject: string;
  readonly field: NumberField;
  readonly from: number;
  readonly to: number;
  /** The value without speed limit and tolerance. It is null without an estimate. */
  readonly target: number | null;
  readonly reason: MoveReason;
  /**
   * Details of the reason in words: why there is no estimate, or which data are missing. It is null if there is nothing
   * to add.
   */
  readonly note: string | null;
  readonly estimates: readonly VolatilityEstimate[];
  readonly longRunVolatility: number | null;
  readonly steps: readonly MoveStep[];
}

/** Numbers are rounded up to hundredths of a percent, so that rounding never favours the account. */
const decimals = 10_000;

/** The current value of a number. */
export interface NumberNow {
  readonly subject: string;
  readonly field: NumberField;
  readonly value: number;
  /** Its value 24 hours ago, from which the daily decrease is limited. */
  readonly dayAgo: number;
}

/**
 * Computes the move of a number. The greatest estimate goes through the rule, then through tools (b), (a) and (c) of
 * article 28 (docs/sources.md, Anti-procyclicality), floor and cap, tolerance and speed limit. Without an estimate the
 * number stays, and with incomplete data it does not fall.
 */
export function followNumber(
  now: NumberNow,
  rule: NumberRule,
  view: VolatilityView,
  policy: DynamicsPolicy,
): NumberMove {
  const { subject, field, value: from } = now;
  const known = view.estimates.filter(({ volatility }) => volatility > 0 && volatility < Number.POSITIVE_INFINITY);
  const common = { subject, field, from, estimates: known, longRunVolatility: view.longRun };
  if (known.length === 0) {
    const note = view.incomplete ?? "no estimate above zero";
    return { ...common, to: from, target: null, reason: "no_estimate", note, steps: [] };
  }
  const steps: MoveStep[] = [];
  const record = (step: MoveStep["step"], value: number) => {
    steps.push({ step, value });
    return value;
  };
  const greatest = Math.max(...known.map(({ volatility }) => volatility));
  const longRun = view.longRun === null ? null : modelOf(view.longRun, rule, field);
  let margin = record("model", modelOf(greatest, rule, field));
  let calm = longRun;
  if (policy.stressedWeight !== null) {
    margin = record("stressed_weight", withStressedWeight(margin, rule.stressed, policy.stressedWeight));
    calm &&= withStressedWeight(calm, rule.stressed, policy.stressedWeight);
  }
  if (policy.buffer !== null) {
    const trigger = calm === null ? Number.POSITIVE_INFINITY : calm * policy.buffer.releaseAbove;
    margin = record("buffer", withBuffer(margin, policy.buffer.fraction, trigger));
  }
  if (policy.longRunFloor && longRun !== null) margin = record("long_run_floor", withLongRunFloor(margin, longRun));
  const bounded = record("bounds", roundUp(Math.min(rule.cap, Math.max(rule.floor, margin))));
  const bound: MoveReason = margin < rule.floor ? "floor" : margin > rule.cap ? "cap" : "followed";
  const moved = (to: number, reason: MoveReason, note: string | null = null) => {
    return { ...common, to, target: bounded, reason, note, steps };
  };
  if (isWithin(from, bounded, policy.tolerance)) return moved(from, "within_tolerance");
  if (bounded < from && view.incomplete !== null) return moved(from, "incomplete_data", view.incomplete);
  const limited = limitSpeed(now, bounded, policy);
  if (limited === bounded) return moved(bounded, bound);
  record("speed", limited);
  const reason = bounded > from ? "increase_limit" : "decrease_limit";
  return isWithin(from, limited, policy.tolerance) ? moved(from, reason) : moved(limited, reason);
}

function modelOf(dailyVolatility: number, rule: NumberRule, field: NumberField): number {
  const move = rule.tailMultiplier * dailyVolatility * Math.sqrt(rule.horizonDays);
  return field === "haircut" ? 1 - exp(-move) : exp(move) - 1;
}

/**
 * Limits the speed of a move. A rise is limited relative to the current value, a fall relative to the value a day ago.
 * A number does not fall within a day of a rise.
 */
function limitSpeed({ value, dayAgo }: NumberNow, target: number, policy: DynamicsPolicy): number {
  if (value === 0) return target;
  if (target > value) return Math.min(target, roundUp(value * (1 + policy.increaseLimit)));
  const lowest = dayAgo < value ? value : roundUp(dayAgo * (1 - policy.decreaseLimitPerDay));
  return Math.max(target, Math.min(value, lowest));
}

function isWithin(from: number, to: number, tolerance: number): boolean {
  return Math.abs(to - from) <= tolerance * from;
}

/** Rounds up to the next hundredth of a percent, except for rounding errors of doubles. */
function roundUp(value: number): number {
  return Math.ceil(value * decimals - 1e-9) / decimals;
}

/**
 * Adds a buffer that may be used up: m (1 + b) while the model margin m is at most the trigger. Above the trigger it is
 * max(m, trigger (1 + b)), so that the margin does not jump (EMIR RTS 153/2013 art. 28(1)(a); docs/sources.md,
 * Anti-procyclicality). An infinite trigger never releases the buffer.
 */
export function withBuffer(modelMargin: number, bufferFraction: number, releaseAbove: number): number {
  if (modelMargin <= releaseAbove) return modelMargin * (1 + bufferFraction);
  return Math.max(modelMargin, releaseAbove * (1 + bufferFraction));
}

/**
 * Mixes model and stressed margin by weight: (1 - w) m + w stressed (art. 28(1)(b), weighted margins; docs/sources.md,
 * Anti-procyclicality).
 */
export function withStressedWeight(modelMargin: number, stressedMargin: number, stressWeight: number): number {
  return (1 - stressWeight) * modelMargin + stressWeight * stressedMargin;
}

/**
 * Raises the margin to at least the margin at the long-run volatility (art. 28(1)(c); docs/sources.md,
 * Anti-procyclicality).
 */
export function withLongRunFloor(modelMargin: number, longRunMargin: number): number {
  return Math.max(modelMargin, longRunMargin);
}
