import type { HeldPrice } from "./jobs/held-prices.ts";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Prices of these qualities may not escalate a call. */
const unusable = new Set(["degraded", "blocked"]);

/**
 * Says how old the oldest of the prices that accounts rest on is, and how many may not escalate a call: figures without a
 * name, which alarms can watch. CloudWatch charges for every name by the hour, so that an underlying has figures of its own
 * only while it is among these.
 */
export function reportPrices(prices: readonly HeldPrice[]): void {
  const failing = prices.filter(({ quality }) => unusable.has(quality));
  metrics.addMetric("PriceAgeSeconds", MetricUnit.Seconds, Math.max(0, ...prices.map(({ ageMs }) => ageMs)) / 1_000);
  metrics.addMetric("PricesUnusable", MetricUnit.Count, failing.length);
  for (const { underlying, ageMs } of failing) {
    for (const [name, unit, value] of [
      ["PriceAgeSeconds", MetricUnit.Seconds, ageMs / 1_000],
      ["PriceUsable", MetricUnit.Count, 0],
    ] as const) {
      const metric = metrics.singleMetric();
      metric.addDimension("underlying", underlying);
      metric.addMetric(name, unit, value);
    }
  }
  if (failing.length > 0) logger.warn("prices unusable", { prices: failing });
}
