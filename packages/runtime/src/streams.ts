import { type CallEvent, callEvent } from "@plimsoll/schema";
import { unpack } from "@plimsoll/store";
import type { DynamoDBBatchResponse } from "aws-lambda";
import { z } from "zod";
import { errorText, logger } from "./telemetry.ts";

const streamRecord = z.object({ dynamodb: z.object({ NewImage: z.object({ data: z.object({ B: z.string() }) }) }) });

/** Records are parsed one by one: an unreadable one must not take those before it along. */
const streamEvent = z.object({
  Records: z.array(z.looseObject({ dynamodb: z.looseObject({ SequenceNumber: z.string() }) })),
});

/** The call event of one record of the margin table's stream; Lambda gives binary attributes as base64. */
function readCallEvent(record: unknown): CallEvent {
  const { NewImage } = streamRecord.parse(record).dynamodb;
  return callEvent.parse(unpack(Buffer.from(NewImage.data.B, "base64")));
}

/**
 * Handles the call events of a batch strictly in order: the first that fails ends the batch, and it and all after it are
 * reported, so that no later event of an account overtakes an earlier one.
 */
export async function processCallStream(
  event: unknown,
  handleEvent: (event: CallEvent) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  const { Records: records } = streamEvent.parse(event);
  for (const [index, record] of records.entries()) {
    try {
      await handleEvent(readCallEvent(record));
    } catch (error) {
      logger.error("call event failed", {
        sequence_number: record.dynamodb.SequenceNumber,
        reason: errorText(error),
        error,
      });
      const rest = records.slice(index);
      return { batchItemFailures: rest.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
    }
  }
  return { batchItemFailures: [] };
}
