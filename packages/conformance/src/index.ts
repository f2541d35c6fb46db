export { parseCase, type VectorCase, type VectorFamily } from "./case-file.ts";
export {
  countStatuses,
  type GridReport,
  hasFailed,
  reportJson,
  type VectorCaseReport,
  type VectorCounts,
  type VectorFigure,
  type VectorReport,
  type VectorStatus,
} from "./report.ts";
export { runCase, runVectors } from "./run.ts";
