export {
  assessSeverity,
  distanceToSeverity,
  type SeverityAssessment,
  type SeverityFigures,
  type SeverityReason,
  type SeverityState,
  severityOf,
  worstQuality,
} from "./assess.ts";
