import { publishCommitted } from "@plimsoll/app";
import { chain, MetricUnit, metrics, processCallStream, publishing } from "@plimsoll/runtime";
import type { DynamoDBBatchResponse } from "aws-lambda";

/**
 * Publishes committed call events when the margin table's stream delivers them. Those that SNS does not accept stay
 * marked.
 */
export const handler = chain<unknown, DynamoDBBatchResponse>((event, context) =>
  processCallStream(event, context, async (events) => {
    const { published } = await publishing(context, (ports) => publishCommitted(events, ports));
    metrics.addMetric("CallsPublished", MetricUnit.Count, published);
  }),
);
