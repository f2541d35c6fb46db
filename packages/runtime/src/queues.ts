import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from "@aws-lambda-powertools/batch";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { errorText } from "@plimsoll/schema";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { sqsClient } from "./clients.ts";
import { countFailedRecords, logger } from "./telemetry.ts";

/** Limits of one call to SQS. */
const messagesPerCall = 10;
const bytesPerCall = 250_000;

/** Attempts for the messages of a batch that SQS did not accept. */
const sendAttempts = 4;

export class QueueError extends Error {
  override readonly name = "QueueError";
}

export interface SendOptions {
  /** Delay before the messages are delivered. SQS allows up to 15 minutes. */
  readonly delaySeconds?: number;
  /** Time after which messages that were not accepted are given up, in milliseconds. */
  readonly timeoutMs?: number;
  /** The group of all messages, on a queue that keeps the order within each group. */
  readonly groupId?: string;
}

/** Sends every message or throws. If it throws, some may have been sent. */
export async function sendMessages(
  queueUrl: string,
  messages: readonly unknown[],
  { delaySeconds, timeoutMs, groupId }: SendOptions = {},
): Promise<void> {
  const options = timeoutMs === undefined ? {} : { abortSignal: AbortSignal.timeout(timeoutMs) };
  const delivery = {
    ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
  };
  for (const batch of inCalls(messages.map(queueText))) {
    let wanted = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody, ...delivery }));
    for (let attempt = 1; wanted.length > 0; attempt += 1) {
      const { Failed: failed = [] } = await sqsClient().send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: wanted }),
        options,
      );
      if (failed.length > 0 && (attempt === sendAttempts || failed.every(({ SenderFault }) => SenderFault))) {
        throw new QueueError(
          `${failed.length} messages were not taken: ${failed[0]?.Code} ${failed[0]?.Message ?? ""}`,
        );
      }
      const failedIds = new Set(failed.map(({ Id }) => Id));
      wanted = wanted.filter(({ Id }) => failedIds.has(Id));
    }
  }
}

/** Formats a message as JSON. Characters that JSON allows but SQS or its emulator does not are escaped. */
function queueText(message: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16)}`;
  return JSON.stringify(message).replaceAll(/[\uD800-\uDFFF\uFFFE\uFFFF]/g, escaped);
}

function inCalls(bodies: readonly string[]): string[][] {
  const calls: string[][] = [];
  let room = 0;
  for (const body of bodies) {
    const bytes = Buffer.byteLength(body);
    const current = calls.at(-1);
    if (current === undefined || current.length === messagesPerCall || bytes > room) {
      calls.push([body]);
      room = bytesPerCall - bytes;
    } else {
      current.push(body);
      room -= bytes;
    }
  }
  return calls;
}

/** The parts that are read of a queue event. */
const queueEvent = z.object({
  Records: z
    .array(
      z.looseObject({
        messageId: z.string(),
        receiptHandle: z.string(),
        body: z.string(),
        attributes: z.looseObject({ MessageGroupId: z.string().optional() }),
        eventSource: z.literal("aws:sqs"),
        eventSourceARN: z.string(),
      }),
    )
    .nonempty(),
});

/** Parses a queue event; throws if the event does not come from a queue. */
export function parseQueueEvent(event: unknown): SQSEvent {
  queueEvent.parse(event);
  return event as SQSEvent;
}

/**
 * Parses the body of one of our own queue messages. Throws if that fails, so that the message ends in the dead-letter
 * queue.
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, record: SQSRecord): z.infer<Schema> {
  return schema.parse(JSON.parse(record.body));
}

/** Milliseconds reserved for reporting and the answer. A message that would start later is delivered again instead. */
const reserveMs = 2_000;

/**
 * Handles the messages of a batch one after the other. Those that fail are reported and do not affect the others (I9).
 * In a FIFO queue, later messages of the same group are not handled but reported too, so that none overtakes the failed
 * one.
 */
export async function processQueue(
  event: SQSEvent,
  context: Context,
  handleRecord: (record: SQSRecord) => Promise<void>,
): Promise<SQSBatchResponse> {
  const handle = async (record: SQSRecord) => {
    try {
      if (context.getRemainingTimeInMillis() < reserveMs) throw new QueueError("no time left in this invocation");
      await handleRecord(record);
    } catch (error) {
      logger.error("message failed", { message_id: record.messageId, reason: errorText(error), error });
      throw error;
    }
  };
  const options = { context, throwOnFullBatchFailure: false };
  const isFifo = event.Records.some(({ attributes }) => attributes.MessageGroupId !== undefined);
  const answer = isFifo
    ? await processPartialResponse(event, handle, new SqsFifoPartialProcessorAsync(), {
        ...options,
        skipGroupOnError: true,
      })
    : await processPartialResponse(event, handle, new BatchProcessor(EventType.SQS), {
        ...options,
        processInParallel: false,
      });
  countFailedRecords(context, answer.batchItemFailures.length);
  return answer;
}
