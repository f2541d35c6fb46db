import { exp } from "../numbers/index.ts";
import { withBuffer, withLongRunFloor, withStressedWeight } from "./anti-procyclicality.ts";
import type { DynamicsPolicy, NumberRule } from "./policy.ts";

/** What is known of the volatility behind a number: daily, not annualised. */
export interface VolatilityView {
  /** Estimates by estimator; the greatest counts. */
  readonly estimates: readonly VolatilityEstimate[];
  /** Null with a history too short for one. */
  readonly longRun: number | null;
  /** Why a lower number would rest on less than there was; null when it would not. */
  readonly incomplete: string | null;
}

export interface VolatilityEstimate {
  readonly estimator: "ewma" | "ewma_with_today" | "parkinson" | "garman_klass" | "implied" | "proxy";
  readonly volatility: number;
}

export type NumberField = "price_scan_range" | "volatility_up" | "haircut";

/** What decided a number in the end. */
export type MoveReason =
  | "followed"
  | "floor"
  | "cap"
  | "increase_limit"
  | "decrease_limit"
  | "within_tolerance"
  | "incomplete_data"
  | "no_estimate";

/** One stage on the way from volatility to the number, in the number's own unit. */
export interface MoveStep {
  readonly step: "model" | "stressed_weight" | "buffer" | "long_run_floor" | "bounds" | "speed";
  readonly value: number;
}

/** A number of the parameter set, what became of it and why. */
export interface NumberMove {
  /** Underlying as the scan names it, or collateral asset. */
  readonly subject: string;
  readonly field: NumberField;
  readonly from: number;
  readonly to: number;
  /** Where it would go without speed limit and tolerance; null without an estimate. */
  readonly target: number | null;
  readonly reason: MoveReason;
  /** What stands behind the reason, in words: why there is no estimate, or what data is missing; null where it says all. */
  readonly note: string | null;
  readonly estimates: readonly VolatilityEstimate[];
  readonly longRunVolatility: number | null;
  readonly steps: readonly MoveStep[];
}

/** Numbers are stated in hundredths of a percent, rounded up: never in the account's favour. */
const decimals = 10_000;

/** Where a number stands. */
export interface NumberNow {
  readonly subject: string;
  readonly field: NumberField;
  readonly value: number;
  /** What it was 24 hours ago: the slow way down is measured from there. */
  readonly dayAgo: number;
}

/**
 * Where a number goes: the greatest estimate through the rule, then the tools (b), (a) and (c) of article 28
 * (docs/sources.md, Anti-procyclicality), floor and cap, tolerance and speed limit. Without an estimate it stays, and
 * with incomplete data it does not fall.
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

/** Up at once by the limit; down by the limit from where it was a day ago, and not at all within a day of a rise. */
function limitSpeed({ value, dayAgo }: NumberNow, target: number, policy: DynamicsPolicy): number {
  if (value === 0) return target;
  if (target > value) return Math.min(target, roundUp(value * (1 + policy.increaseLimit)));
  const lowest = dayAgo < value ? value : roundUp(dayAgo * (1 - policy.decreaseLimitPerDay));
  return Math.max(target, Math.min(value, lowest));
}

function isWithin(from: number, to: number, tolerance: number): boolean {
  return Math.abs(to - from) <= tolerance * from;
}

/** To the next hundredth of a percent; what is one already but for rounding stays. */
function roundUp(value: number): number {
  return Math.ceil(value * decimals - 1e-9) / decimals;
}
