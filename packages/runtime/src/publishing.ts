import type { PublishPorts, PublishSummary } from "@plimsoll/app";
import { toWire } from "@plimsoll/schema";
import type { Context } from "aws-lambda";
import { openTable, snsClient, startMeter } from "./clients.ts";
import { getLink } from "./links.ts";
import { logger, stopwatch } from "./telemetry.ts";

/** Runs work that publishes calls with the stage's tables and topics, and logs its summary. */
export async function publishing<Summary extends PublishSummary>(
  context: Context,
  work: (ports: PublishPorts) => Promise<Summary>,
): Promise<Summary> {
  const elapsed = stopwatch();
  const meter = startMeter();
  const summary = await work({
    margin: openTable("MarginTable", meter),
    notify: openTable("NotifyTable", meter),
    sns: snsClient(),
    operatorTopicArn: getLink("OperatorCallsTopic").arn,
    remainingMs: () => context.getRemainingTimeInMillis(),
    log: logger,
  });
  logger.info("calls published", {
    ...toWire(summary),
    milliseconds: { publishing: elapsed() },
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  return summary;
}
