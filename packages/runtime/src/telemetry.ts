import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";

export { MetricUnit };

/**
 * The structured log of all functions. Fields of one message are passed with the call and never added to the logger.
 */
export const logger = new Logger();

/** The EMF metrics of all functions. Their dimensions are the service and the stage, which the chain sets. */
export const metrics = new Metrics({ logger });

let failedRecords: Metrics | undefined;

/**
 * Counts the records of a batch that are reported as failed, which Lambda's own `Errors` do not include. Nothing is
 * written if none failed, as CloudWatch charges for a metric by the hours in which it has values.
 */
export function countFailedRecords(context: Context, records: number): void {
  if (records === 0) return;
  // This is created after the chain has set the stage, which it inherits.
  failedRecords ??= metrics.singleMetric();
  failedRecords.addDimension("function_name", context.functionName);
  failedRecords.addMetric("FailedRecords", MetricUnit.Count, records);
}

/** Starts a measurement and returns a function that gives the milliseconds since then. Use it only for durations. */
export function stopwatch(): () => number {
  const startMs = performance.now();
  return () => performance.now() - startMs;
}

/** Returns the peak resident memory of the process in megabytes. */
export function peakMemoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1_024);
}
