import type { HeldPrice } from "@plimsoll/app";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Qualities of prices that may not escalate a call. */
const unusable = new Set<HeldPrice["quality"]>(["degraded", "blocked", "missing"]);

/**
 * Reports the age of the oldest price that accounts depend on, and the number of prices that may not escalate a call,
 * without names so that alarms can watch them. CloudWatch charges for every named metric by the hour, so only
 * underlyings with such a price get their own. A missing price has no age.
 */
export function reportPrices(prices: readonly HeldPrice[]): void {
  const failing = prices.filter(({ quality }) => unusable.has(quality));
  const oldestMs = Math.max(0, ...prices.map(({ ageMs }) => ageMs ?? 0));
  metrics.addMetric("PriceAgeSeconds", MetricUnit.Seconds, oldestMs / 1_000);
  metrics.addMetric("PricesUnusable", MetricUnit.Count, failing.length);
  for (const { underlying, ageMs } of failing) {
    for (const [name, unit, value] of [
      ["PriceAgeSeconds", MetricUnit.Seconds, ageMs === null ? null : ageMs / 1_000],
      ["PriceUsable", MetricUnit.Count, 0],
    ] as const) {
      if (value === null) continue;
      const metric = metrics.singleMetric();
      metric.addDimension("underlying", underlying);
      metric.addMetric(name, unit, value);
    }
  }
  if (failing.length > 0) logger.warn("prices unusable", { prices: failing });
}
