import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { getLink } from "./links.ts";
import { logger, metrics } from "./telemetry.ts";

export type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

let isStageNamed = false;

/** Sets the stage as a default dimension, once per process. Links can be read only during an invocation. */
function nameStage(): void {
  if (isStageNamed) return;
  metrics.setDefaultDimensions({ stage: getLink("StageSettings").stage });
  isStageNamed = true;
}

/**
 * Wraps every function: a new log context per call, the stage on every metric, and metrics that are written even if the
 * function throws. Errors pass through, as the triggers retry.
 */
export function chain<Event, Result>(handle: Handler<Event, Result>): Handler<Event, Result> {
  // An early answer by middy before the time limit would not help, since unfinished work is repeated in either case.
  const wrapped = middy<Event, Result, Error, Context>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use({ before: nameStage })
    .use(logMetrics(metrics, { captureColdStartMetric: false }))
    .handler(handle);
  return (event, context) => wrapped(event, context) as Promise<Result>;
}
