import { republish } from "@plimsoll/app";
import { chain, MetricUnit, metrics, publishing } from "@plimsoll/runtime";

/** Publishes committed events that are still marked as unpublished, and reports how long the oldest one has waited. */
export const handler = chain<unknown, void>(async (_event, context) => {
  const { published, oldestMs, setAside } = await publishing(context, (ports) => republish(ports, Date.now));
  metrics.addMetric("CallsPublished", MetricUnit.Count, published);
  metrics.addMetric("UnpublishedCallAgeSeconds", MetricUnit.Seconds, oldestMs / 1_000);
  metrics.addMetric("CallsSetAside", MetricUnit.Count, setAside);
});
