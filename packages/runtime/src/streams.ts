import { errorText } from "@plimsoll/schema";
import { eventNameOf, readEvent, type StoredEvent } from "@plimsoll/store";
import type { Context, DynamoDBBatchResponse } from "aws-lambda";
import * as z from "zod";
import { countFailedRecords, logger } from "./telemetry.ts";

/** The parts that are read of a stream event. Lambda passes binary attributes as base64. */
const streamEvent = z.object({
  Records: z.array(
    z.looseObject({
      dynamodb: z.looseObject({
        SequenceNumber: z.string(),
        Keys: z.record(z.string(), z.object({ S: z.string() })),
        NewImage: z.looseObject({ data: z.unknown() }).optional(),
      }),
    }),
  ),
});
type StreamRecord = z.infer<typeof streamEvent>["Records"][number];

const binary = z.object({ B: z.base64() });

/** Reads the event of a record. If it cannot be read, the record still names it, so that it can be set aside. */
function readRecord({ dynamodb: { Keys, NewImage } }: StreamRecord): StoredEvent[] {
  const name = eventNameOf(Keys);
  if (name === undefined) return [];
  const data = binary.safeParse(NewImage?.data);
  return [readEvent(name.poolKey, name.sequence, data.success ? Buffer.from(data.data.B, "base64") : undefined)];
}

/**
 * Passes the committed events of a batch to a handler. If the handler throws, all of them are reported as failed, since
 * the order of the stream would be lost otherwise.
 */
export async function processCallStream(
  event: unknown,
  context: Context,
  handleEvents: (events: readonly StoredEvent[]) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  const { Records: records } = streamEvent.parse(event);
  try {
    await handleEvents(records.flatMap(readRecord));
    return { batchItemFailures: [] };
  } catch (error) {
    const [first] = records;
    logger.error("call events failed", { records: records.length, reason: errorText(error), error });
    countFailedRecords(context, records.length);
    // Lambda repeats the batch from the lowest number reported.
    return { batchItemFailures: first ? [{ itemIdentifier: first.dynamodb.SequenceNumber }] : [] };
  }
}
