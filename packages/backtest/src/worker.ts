import { parentPort, workerData } from "node:worker_threads";
import type { PriceHistory } from "./history.ts";
import { measurePortfolio } from "./measure.ts";
import type { ReplayPlan } from "./plan.ts";
import { replayPortfolios } from "./replay.ts";
import type { PortfolioResult } from "./report-schema.ts";
import type { PortfolioRule } from "./templates.ts";

/** What a worker thread is given once: the prices in shared buffers, and the plan of the replay. */
export interface WorkerInput {
  readonly history: PriceHistory;
  readonly plan: ReplayPlan;
}

export type WorkerMessage =
  | { readonly kind: "stepped"; readonly steps: number }
  | { readonly kind: "replayed"; readonly results: readonly PortfolioResult[] };

/** The number of steps between two messages of progress. */
const stepsBetween = 500;

const port = parentPort;
if (port === null)
  throw new Error("worker.ts runs in a worker thread of the backtest; start plimsoll backtest instead");
const { history, plan } = workerData as WorkerInput;
const say = (message: WorkerMessage) => port.postMessage(message);

port.on("message", (rules: readonly PortfolioRule[]) => {
  let said = 0;
  const series = replayPortfolios(rules, history, plan, (step) => {
    if (step + 1 - said < stepsBetween) return;
    say({ kind: "stepped", steps: step + 1 - said });
    said = step + 1;
  });
  const results = series.map((one) => measurePortfolio(one, history, plan));
  say({ kind: "replayed", results });
});
