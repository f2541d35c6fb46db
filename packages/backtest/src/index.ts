export {
  buildCandidates,
  type CandidateFigures,
  type Choice,
  chooseCandidates,
} from "./choose.ts";
export { fitSurface } from "./fit-surface.ts";
export type { PriceHistory, UnderlyingHistory } from "./history.ts";
export type { Contender, ReplayPlan } from "./plan.ts";
export { replayPortfolios } from "./replay.ts";
export {
  type AccountSetSummary,
  type BacktestReport,
  backtestReport,
  type ContenderSummary,
  type PortfolioResult,
} from "./report-schema.ts";
export { type Backtest, type BacktestRequest, runBacktest } from "./run-backtest.ts";
export { portfoliosPerChunk } from "./run-pool.ts";
export { defaultSurfaceModel, type SurfaceModel } from "./surface.ts";
export { generatePortfolios } from "./templates.ts";
