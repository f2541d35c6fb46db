import {
  type DecidingFigures,
  type PriceQuality,
  type RiskUnitResult,
  type Severity,
  type SeverityParameters,
  type SeverityRung,
  severities,
  severityRank,
} from "../model/index.ts";

/** What a sweep remembers of an account's severity for the next one. */
export interface SeverityState {
  readonly severity: Severity;
  /** Sweeps in a row, up to the last one, that were below the leave level of this severity. */
  readonly cleanSweeps: number;
}

export type SeverityReason =
  /** Nothing calls for a change. */
  | "unchanged"
  /** A graver level was entered. */
  | "escalated"
  /** Below the enter level of its severity, not yet below the leave level. */
  | "held_above_leave_level"
  /** Below the leave level, but not for enough sweeps. */
  | "awaiting_clean_sweeps"
  | "de_escalated"
  /** Degraded prices may warn but not escalate. */
  | "capped_by_degraded_prices"
  /** Blocked prices change nothing. */
  | "prices_blocked"
  /** Not everything is known: nothing proves a rise, and nothing falls. */
  | "incomplete";

export interface SeverityAssessment extends SeverityState {
  readonly reason: SeverityReason;
}

const qualities: readonly PriceQuality[] = ["good", "widened", "degraded", "blocked"];

/** The worst quality among the units of a result; `good` when it has none. */
export function worstQuality(units: readonly Pick<RiskUnitResult, "quality">[]): PriceQuality {
  let worst = 0;
  for (const { quality } of units) worst = Math.max(worst, qualities.indexOf(quality));
  return qualities[worst]!;
}

/**
 * The gravest severity whose enter level is reached, by the figures alone. A rung is entered when the requirement of the basis is at
 * least enterRatio x the balance it is held against, which a balance of 0 or less does as soon as anything is required or owed. Equity of 0
 * or less with a requirement or a debt is BANKRUPT. An account that can never come to owe anything, or with nothing in it, is NORMAL.
 */
export function severityOf(figures: DecidingFigures, parameters: SeverityParameters): Severity {
  return gravest(figures, parameters, "enterRatio");
}

/**
 * The gravest severity whose leave level is still reached: what an account that was worse comes down to. At most as mild as
 * `severityOf`, since a level is left below where it is entered.
 */
export function keptSeverityOf(figures: DecidingFigures, parameters: SeverityParameters): Severity {
  return gravest(figures, parameters, "leaveRatio");
}

/**
 * How far the figures are from each severity or any graver one, in pool currency, by severity from NORMAL (which all are in:
 * -Infinity) to BANKRUPT: above 0 outside, 0 or less inside. A rung's distance is enterRatio x its balance -
 * requirement, that of BANKRUPT is equity; the least of its own and the graver ones' counts.
 */
export function severityDistances(figures: DecidingFigures, parameters: SeverityParameters): number[] {
  if (!canOwe(figures))
    return severities.map((_, rank) => (rank === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY));
  const distances = new Array<number>(severities.length).fill(figures.equity);
  for (const rung of parameters.rungs) {
    const used = required(figures, rung);
    const balance = heldAgainst(figures, rung);
    // Nothing asked for against nothing held is not inside; see gravest.
    const distance = used > 0 || balance < 0 ? rung.enterRatio * balance - used : Number.POSITIVE_INFINITY;
    for (let rank = severityRank(rung.severity); rank > 0; rank -= 1) {
      distances[rank] = Math.min(distances[rank]!, distance);
    }
  }
  distances[0] = Number.NEGATIVE_INFINITY;
  return distances;
}

/**
 * The severity after one more sweep. It rises at once, and comes down only after `cleanSweepsToLeave` sweeps in a row below
 * the leave level of the severity it has; then it comes down to the gravest rung whose leave level is still reached.
 * Degraded prices raise to WARNING at most (I5), blocked ones leave everything as it was.
 */
export function assessSeverity(
  previous: SeverityState,
  figures: DecidingFigures,
  parameters: SeverityParameters,
  quality: PriceQuality,
): SeverityAssessment {
  if (quality === "blocked") return { ...previous, reason: "prices_blocked" };
  const rank = severityRank(previous.severity);
  const entered = severityOf(figures, parameters);
  if (severityRank(entered) > rank) {
    if (quality !== "degraded") return { severity: entered, cleanSweeps: 0, reason: "escalated" };
    if (rank >= severityRank("WARNING")) return { ...previous, cleanSweeps: 0, reason: "capped_by_degraded_prices" };
    const reason = entered === "WARNING" ? "escalated" : "capped_by_degraded_prices";
    return { severity: "WARNING", cleanSweeps: 0, reason };
  }
  if (entered === previous.severity) return { severity: entered, cleanSweeps: 0, reason: "unchanged" };
  const kept = keptSeverityOf(figures, parameters);
  if (severityRank(kept) >= rank) return { ...previous, cleanSweeps: 0, reason: "held_above_leave_level" };
  const cleanSweeps = previous.cleanSweeps + 1;
  if (cleanSweeps < parameters.cleanSweepsToLeave) return { ...previous, cleanSweeps, reason: "awaiting_clean_sweeps" };
  return { severity: kept, cleanSweeps: 0, reason: "de_escalated" };
}

function gravest(
  figures: DecidingFigures,
  parameters: SeverityParameters,
  level: "enterRatio" | "leaveRatio",
): Severity {
  const { equity, marginBalance, initialMargin } = figures;
  const isEmpty = equity === 0 && marginBalance === 0 && initialMargin === 0;
  if (isEmpty || !canOwe(figures)) return "NORMAL";
  if (equity <= 0) return "BANKRUPT";
  let severity: Severity = "NORMAL";
  for (const rung of parameters.rungs) {
    const used = required(figures, rung);
    const balance = heldAgainst(figures, rung);
    const isAsked = used > 0 || balance < 0;
    if (isAsked && used >= rung[level] * balance && severityRank(rung.severity) > severityRank(severity)) {
      severity = rung.severity;
    }
  }
  return severity;
}

/** Whether the account can come to owe anything, as far as its figures know. */
function canOwe({ severityBasis }: DecidingFigures): boolean {
  return severityBasis?.greatestDebt !== 0;
}

/** The balance that the requirement of a rung is held against: the one after the haircuts of the same kind. */
function heldAgainst(figures: DecidingFigures, { requirement }: SeverityRung): number {
  const { initialMarginBalance, marginBalance } = figures.severityBasis ?? figures;
  return requirement === "initial" ? initialMarginBalance : marginBalance;
}

function required(figures: DecidingFigures, { requirement }: SeverityRung): number {
  const { initialMargin, maintenanceMargin } = figures.severityBasis ?? figures;
  return requirement === "initial" ? initialMargin : maintenanceMargin;
}
