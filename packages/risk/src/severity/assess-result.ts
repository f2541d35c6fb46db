import {
  type DecidingFigures,
  type IncompleteReason,
  type MarginedPool,
  type PriceQuality,
  type Severity,
  type SeverityParameters,
  severityRank,
} from "../model/index.ts";
import { assessSeverity, type SeverityAssessment, type SeverityState } from "./assess.ts";

/** The parts of a result that determine its severity. */
export type AssessedResult = DecidingFigures & Pick<MarginedPool, "incomplete" | "proven">;

/**
 * Whether a reason leaves the worth of a pool in doubt. Collateral that counts for nothing by the rules does not.
 */
export function isInDoubt({ code, assumed }: Pick<IncompleteReason, "code" | "assumed">): boolean {
  return code !== "collateral_not_accepted" || assumed !== "counts_for_nothing";
}

/**
 * Computes the severity after one more sweep; see assessSeverity. With holdings in doubt it rises to the severity that
 * holds even at their best, since that one is proven. What they show at their worst may only warn, as with degraded
 * prices. Such a sweep never lowers the severity and is not a clean one. If the doubt comes from blocked prices only,
 * their worst does not warn either, as the last good result covered it.
 */
export function assessResult(
  previous: SeverityState,
  result: AssessedResult,
  parameters: SeverityParameters,
  quality: PriceQuality,
): SeverityAssessment {
  const { incomplete = [], proven } = result;
  if (proven === undefined || !incomplete.some(isInDoubt)) {
    return assessSeverity(previous, result, parameters, quality);
  }
  const certain = assessSeverity(previous, proven, parameters, quality);
  const isBlocked = quality === "blocked" || incomplete.every((reason) => !isInDoubt(reason) || isBlockedPrice(reason));
  const feared = isBlocked ? certain : assessSeverity(previous, result, parameters, "degraded");
  const graver = severityRank(feared.severity) > severityRank(certain.severity) ? feared : certain;
  if (severityRank(graver.severity) > severityRank(previous.severity)) return graver;
  return { severity: previous.severity, cleanSweeps: 0, reason: "incomplete" };
}

function isBlockedPrice({ code }: IncompleteReason): boolean {
  return code === "prices_blocked";
}

/** Computes the severity of a result alone, as if there had been no earlier sweeps and its prices were good. */
export function severityOfResult(result: AssessedResult, parameters: SeverityParameters): Severity {
  return assessResult({ severity: "NORMAL", cleanSweeps: 0 }, result, parameters, "good").severity;
}
