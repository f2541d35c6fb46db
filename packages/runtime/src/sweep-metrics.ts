import type { SweepPorts, SweepSummary } from "@plimsoll/app";
import { toWire } from "@plimsoll/schema";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Reports the outcome of a sweep, and the age of the results before it, in the log and as metrics. */
export function reportSweep({ unreadableQuotes, ...facts }: SweepSummary, { market: { meter } }: SweepPorts): void {
  logger.info("sweep requested", { ...toWire(facts), read_units: meter.readUnits, write_units: meter.writeUnits });
  for (const problem of unreadableQuotes) logger.error("quote unreadable", { problem });
  metrics.addMetric("SweepsStarted", MetricUnit.Count, facts.outcome === "started" ? 1 : 0);
  if (facts.sweepAgeMs !== null) metrics.addMetric("SweepAgeSeconds", MetricUnit.Seconds, facts.sweepAgeMs / 1_000);
}
