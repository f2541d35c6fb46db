import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";

export { MetricUnit };

/** Structured logs of all functions. Keys of one message go with its call, never into the logger. */
export const logger = new Logger();

/** EMF metrics of all functions; their dimensions are the service and, set by the chain, the stage. */
export const metrics = new Metrics({ logger });

let failedRecords: Metrics | undefined;

/**
 * Counts records of a batch that are reported as failed: Lambda's own `Errors` does not know of them. Nothing is written
 * while nothing fails, as CloudWatch charges for a metric by the hours in which it has values.
 */
export function countFailedRecords(context: Context, records: number): void {
  if (records === 0) return;
  // Made once the chain has named the stage, which it takes over.
  failedRecords ??= metrics.singleMetric();
  failedRecords.addDimension("function_name", context.functionName);
  failedRecords.addMetric("FailedRecords", MetricUnit.Count, records);
}

/** Milliseconds since an arbitrary start, for durations only. */
export function stopwatch(): () => number {
  const startMs = performance.now();
  return () => performance.now() - startMs;
}

/** Peak resident memory of the process, megabytes. */
export function peakMemoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1_024);
}
