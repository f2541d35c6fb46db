export {
  assessSeverity,
  keptSeverityOf,
  type SeverityAssessment,
  type SeverityReason,
  type SeverityState,
  severityDistances,
  severityOf,
  worstQuality,
} from "./assess.ts";
export { type AssessedResult, assessResult, isInDoubt, severityOfResult } from "./assess-result.ts";
