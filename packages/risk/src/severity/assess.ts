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

/** The severity of a pool that one sweep passes on to the next. */
export interface SeverityState {
  readonly severity: Severity;
  /** Number of successive sweeps, up to the last one, below the leave level of this severity. */
  readonly cleanSweeps: number;
}

export type SeverityReason =
  /** No change is needed. */
  | "unchanged"
  /** The figures entered a graver level. */
  | "escalated"
  /** The figures are below the enter level of the severity, but not below its leave level. */
  | "held_above_leave_level"
  /** The figures are below the leave level, but not yet for enough sweeps. */
  | "awaiting_clean_sweeps"
  | "de_escalated"
  /** Degraded prices may warn but not escalate further. */
  | "capped_by_degraded_prices"
  /** Blocked prices change nothing. */
  | "prices_blocked"
  /** Some holdings are in doubt: no rise is proven, and the severity may not fall. */
  | "incomplete";

export interface SeverityAssessment extends SeverityState {
  readonly reason: SeverityReason;
}

const qualities: readonly PriceQuality[] = ["good", "widened", "degraded", "blocked"];

/** Returns the worst quality among the units of a result, or `good` if it has no units. */
export function worstQuality(units: readonly Pick<RiskUnitResult, "quality">[]): PriceQuality {
  let worst = 0;
  for (const { quality } of units) worst = Math.max(worst, qualities.indexOf(quality));
  return qualities[worst]!;
}

/**
 * Computes the gravest severity whose enter level is reached, from the figures alone. A rung is entered if its
 * requirement is at least enterRatio x its balance; with a balance of 0 or less this is so as soon as anything is
 * required or owed. Equity of 0 or less with a requirement or a debt is BANKRUPT. A pool that is empty, or can
 * never owe anything, is NORMAL.
 */
export function severityOf(figures: DecidingFigures, parameters: SeverityParameters): Severity {
  return gravest(figures, parameters, "enterRatio");
}

/**
 * Computes the gravest severity whose leave level is still reached, to which a graver one may come down. It is never
 * milder than `severityOf`, since the leave ratio of a rung is below its enter ratio.
 */
export function keptSeverityOf(figures: DecidingFigures, parameters: SeverityParameters): Severity {
  return gravest(figures, parameters, "leaveRatio");
}

/**
 * Computes the distance of the figures from each severity or any graver one, in pool currency, indexed from NORMAL to
 * BANKRUPT. It is above 0 outside the severity and 0 or less inside; for NORMAL it is -Infinity. The distance of a rung
 * is enterRatio x balance - requirement, that of BANKRUPT is equity; of its own and the graver ones the least counts.
 */
export function severityDistances(figures: DecidingFigures, parameters: SeverityParameters): number[] {
  if (!canOwe(figures))
    return severities.map((_, rank) => (rank === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY));
  const distances = new Array<number>(severities.length).fill(figures.equity);
  for (const rung of parameters.rungs) {
    const used = required(figures, rung);
    const balance = heldAgainst(figures, rung);
    // A requirement of 0 against a balance of 0 is not inside the level; see gravest.
    const distance = used > 0 || balance < 0 ? rung.enterRatio * balance - used : Number.POSITIVE_INFINITY;
    for (let rank = severityRank(rung.severity); rank > 0; rank -= 1) {
      distances[rank] = Math.min(distances[rank]!, distance);
    }
  }
  distances[0] = Number.NEGATIVE_INFINITY;
  return distances;
}

/**
 * Computes the severity after one more sweep. It rises at once. It comes down only after `cleanSweepsToLeave`
 * successive sweeps below the leave level of the current severity, to the gravest rung whose leave level is still
 * reached. Degraded prices raise it to WARNING at most (I5); blocked prices leave it as it was.
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

/** Whether the pool may ever owe anything, as far as its figures tell. */
function canOwe({ severityBasis }: DecidingFigures): boolean {
  return severityBasis?.greatestDebt !== 0;
}

/** Returns the balance that the requirement of a rung is compared with: the one after haircuts of the same kind. */
function heldAgainst(figures: DecidingFigures, { requirement }: SeverityRung): number {
  const { initialMarginBalance, marginBalance } = figures.severityBasis ?? figures;
  return requirement === "initial" ? initialMarginBalance : marginBalance;
}

function required(figures: DecidingFigures, { requirement }: SeverityRung): number {
  const { initialMargin, maintenanceMargin } = figures.severityBasis ?? figures;
  return requirement === "initial" ? initialMargin : maintenanceMargin;
}
