import type { HeldPrice } from "@plimsoll/app";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Prices of these qualities may not escalate a call. */
const unusable = new Set<HeldPrice["quality"]>(["degraded", "blocked", "missing"]);

/**
 * Says how old the oldest of the prices that accounts rest on is, and how many may not escalate a call: figures without a
 * name, which alarms can watch. CloudWatch charges for every name by the hour, so that an underlying has figures of its own
 * only while it is among these. A price that is missing has no age.
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
