import {
  chain,
  createPublisher,
  getLink,
  logger,
  MetricUnit,
  metrics,
  openTable,
  processCallStream,
  snsClient,
  startMeter,
  stopwatch,
} from "@plimsoll/runtime";
import type { DynamoDBBatchResponse } from "aws-lambda";

/** Publishes committed call events, in the order of the margin table's stream. */
export const handler = chain<unknown, DynamoDBBatchResponse>(async (event, context) => {
  const publishing = stopwatch();
  const meter = startMeter();
  const ports = {
    notify: openTable("NotifyTable", meter),
    sns: snsClient(),
    operatorTopicArn: getLink("OperatorCallsTopic").arn,
  };
  const publish = createPublisher(ports, context);
  let published = 0;
  const answer = await processCallStream(event, async (callEvent) => {
    const messageId = await publish(callEvent);
    published += 1;
    logger.info("call published", {
      event_id: callEvent.event_id,
      account_id: callEvent.account_id,
      severity: callEvent.severity,
      message_id: messageId,
    });
  });
  logger.info("calls published", {
    published,
    failed: answer.batchItemFailures.length,
    milliseconds: { publishing: publishing() },
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("CallsPublished", MetricUnit.Count, published);
  return answer;
});
