import { Worker } from "node:worker_threads";
import { InputError } from "@plimsoll/files";
import { errorText } from "@plimsoll/schema";
import type { PriceHistory } from "./history.ts";
import { type ReplayPlan, stepCount } from "./plan.ts";
import type { PortfolioResult } from "./report-schema.ts";
import type { PortfolioRule } from "./templates.ts";
import type { WorkerInput, WorkerMessage } from "./worker.ts";

/**
 * The greatest number of portfolios that share the engines of a replay. A killed backtest loses the results of at most
 * that many for each worker.
 */
export const portfoliosPerChunk = 25;

export interface PoolOptions {
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onResults: (results: readonly PortfolioResult[]) => void;
  /** The share of the portfolio-steps that are done, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Replays portfolios on worker threads. The result of each portfolio does not depend on the number of threads. */
export async function runPool(
  rules: readonly PortfolioRule[],
  history: PriceHistory,
  plan: ReplayPlan,
  { workers, signal, onResults, onProgress }: PoolOptions,
): Promise<void> {
  const chunks: PortfolioRule[][] = [];
  const size = Math.max(1, Math.min(portfoliosPerChunk, Math.ceil(rules.length / workers)));
  for (let at = 0; at < rules.length; at += size) chunks.push(rules.slice(at, at + size));
  const steps = stepCount(plan);
  let done = 0;
  const report = (portfolioSteps: number) => {
    done += portfolioSteps;
    onProgress(Math.min(1, done / (rules.length * steps || 1)));
  };
  const work = async () => {
    const input: WorkerInput = { history, plan };
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: input });
    try {
      for (let chunk = chunks.shift(); chunk !== undefined && !signal.aborted; chunk = chunks.shift()) {
        onResults(await replayChunk(worker, chunk, steps, signal, report));
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, chunks.length) }, work));
  if (signal.aborted) throw new InputError("stopped: what is done is kept in the --out folder, if there is one");
}

function replayChunk(
  worker: Worker,
  chunk: readonly PortfolioRule[],
  steps: number,
  signal: AbortSignal,
  report: (portfolioSteps: number) => void,
): Promise<readonly PortfolioResult[]> {
  return new Promise((resolve, reject) => {
    let stepped = 0;
    const finish = () => {
      worker.off("message", onMessage).off("error", onError);
      signal.removeEventListener("abort", onAbort);
    };
    const onAbort = () => {
      finish();
      resolve([]);
    };
    const onError = (cause: unknown) => {
      finish();
      reject(new InputError(`the replay failed: ${errorText(cause)}`, { cause }));
    };
    const onMessage = (message: WorkerMessage) => {
      const isDone = message.kind === "replayed";
      const more = isDone ? steps - stepped : message.steps;
      stepped += more;
      report(more * chunk.length);
      if (!isDone) return;
      finish();
      resolve(message.results);
    };
    worker.on("message", onMessage).on("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
    worker.postMessage(chunk);
  });
}
