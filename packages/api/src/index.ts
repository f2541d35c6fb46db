export { anyone, type Caller, type Role, roles } from "./contract/caller.ts";
export type { Route, ServedBy } from "./contract/route.ts";
export { getDocument, routes } from "./contract/routes.ts";
export { answerToken, type TokenPorts } from "./handlers/issue-token.ts";
export { answerPositions } from "./handlers/positions.ts";
export { answerCures, answerExplanation, answerLadder, answerMethods, answerScenarios } from "./handlers/questions.ts";
export { answerAccountCalls, answerCall, answerCalls } from "./handlers/read-calls.ts";
export { answerAccount, answerHistory, answerMargin } from "./handlers/read-margin.ts";
export { answerMarket, answerParameterSet, answerParameters, answerSurface } from "./handlers/read-market.ts";
export {
  answerAccounts,
  answerHealth,
  answerLimits,
  answerSummary,
  answerTime,
  idempotencySeconds,
} from "./handlers/read-stage.ts";
export type { AnswerPorts, ReadPorts } from "./handlers/stage-ports.ts";
export { type TakePorts, takeAccount, takeEvents } from "./handlers/take-accounts.ts";
export { answerBatch, answerOrderCheck, answerSimulation } from "./handlers/what-if.ts";
export { ApiProblem } from "./serve/api-problem.ts";
export { RateLimiter } from "./serve/rate-limit.ts";
export {
  type Answering,
  type ApiAnswer,
  type ApiRequest,
  answering,
  type Once,
  type ServePorts,
  serve,
} from "./serve/serve.ts";
