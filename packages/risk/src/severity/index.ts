export {
  assessSeverity,
  keptSeverityOf,
  type SeverityAssessment,
  type SeverityFigures,
  type SeverityReason,
  type SeverityState,
  severityDistances,
  severityOf,
  worstQuality,
} from "./assess.ts";
