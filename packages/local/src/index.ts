export { type InstalledEmulators, MissingEmulatorError } from "./emulators/find-dynamodb.ts";
export type { Endpoints } from "./environment.ts";
export { type EvaluateOptions, EvaluationError, evaluateStacks } from "./graph/evaluate.ts";
export type * from "./graph/stage-graph.ts";
export {
  type LocalStage,
  type LocalStageOptions,
  type StartTimings,
  startLocalStage,
} from "./local-stage.ts";
export type { EmulatedResource } from "./resources.ts";
export { type IdleOptions, NotIdleError, STAGE_LOG, type TickResult } from "./running-stage.ts";
export type { FunctionStatistics, InvocationResult } from "./sandbox/function-pool.ts";
export type { InvocationError } from "./sandbox/sandbox.ts";
export { LOCAL_TIME_HEADER } from "./triggers/http-event.ts";
export { type Draft, FileError, makeFolder, openDraft, removeFile, writeWhole } from "./whole-file.ts";
