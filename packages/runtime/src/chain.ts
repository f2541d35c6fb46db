import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { getLink } from "./links.ts";
import { logger, metrics } from "./telemetry.ts";

export type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

let isStageNamed = false;

/** Links can be read in an invocation only, default dimensions set but once. */
function nameStage(): void {
  if (isStageNamed) return;
  metrics.setDefaultDimensions({ stage: getLink("StageSettings").stage });
  isStageNamed = true;
}

/**
 * The chain around every function: a fresh log context per call, the stage on every metric, metrics flushed also when
 * the function throws. Retries are the triggers' own, so errors pass through.
 */
export function chain<Event, Result>(handle: Handler<Event, Result>): Handler<Event, Result> {
  // An answer of middy's just before the end would help nobody: what is not done comes again either way.
  const wrapped = middy<Event, Result, Error, Context>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use({ before: nameStage })
    .use(logMetrics(metrics, { captureColdStartMetric: false }))
    .handler(handle);
  return (event, context) => wrapped(event, context) as Promise<Result>;
}
