import {
  type DecidingFigures,
  type IncompleteReason,
  type MarginedAccount,
  type PriceQuality,
  type Severity,
  type SeverityParameters,
  severityRank,
} from "../model/index.ts";
import { assessSeverity, type SeverityAssessment, type SeverityState } from "./assess.ts";

/** What of a result decides its severity. */
export type AssessedResult = DecidingFigures & Pick<MarginedAccount, "incomplete" | "proven">;

/** Whether a reason leaves open what an account is worth; what counts for nothing by the rules does not. */
export function isInDoubt({ code, assumed }: Pick<IncompleteReason, "code" | "assumed">): boolean {
  return code !== "collateral_not_accepted" || assumed !== "counts_for_nothing";
}

/**
 * The severity after one more sweep; see assessSeverity. With holdings in doubt it rises to what the figures show with these at
 * their best, since that is proven; what they show at their worst is only feared and warns, as degraded prices do. It never
 * falls, and such a sweep is not a clean one. Where all of these are blocked prices nothing is feared: the last good result spoke for them.
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

/** The severity of a result by itself, as if nothing had been remembered of earlier sweeps and its prices were good. */
export function severityOfResult(result: AssessedResult, parameters: SeverityParameters): Severity {
  return assessResult({ severity: "NORMAL", cleanSweeps: 0 }, result, parameters, "good").severity;
}
