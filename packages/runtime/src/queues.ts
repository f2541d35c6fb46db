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

/** What SQS takes in one call. */
const messagesPerCall = 10;
const bytesPerCall = 250_000;

/** Tries for the part of a batch that SQS did not take. */
const sendAttempts = 4;

export class QueueError extends Error {
  override readonly name = "QueueError";
}

export interface SendOptions {
  /** Nobody gets the messages before; SQS takes up to 15 minutes. */
  readonly delaySeconds?: number;
  /** After which what was not taken is given up. */
  readonly timeoutMs?: number;
}

/** Sends every message or throws; on a throw some may have been sent. */
export async function sendMessages(
  queueUrl: string,
  messages: readonly unknown[],
  { delaySeconds, timeoutMs }: SendOptions = {},
): Promise<void> {
  const options = timeoutMs === undefined ? {} : { abortSignal: AbortSignal.timeout(timeoutMs) };
  const delay = delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds };
  for (const batch of inCalls(messages.map(queueText))) {
    let wanted = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody, ...delay }));
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

/** JSON whose characters every queue takes: those that JSON may have and SQS, or its emulator, has not are escaped. */
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

/** What is read of an event that a queue's poller hands to a function. */
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

/** Throws when an event does not come from a queue. */
export function parseQueueEvent(event: unknown): SQSEvent {
  queueEvent.parse(event);
  return event as SQSEvent;
}

/** Body of a queue message of our own; throws when it does not parse, so that the message ends in its dead letters. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, record: SQSRecord): z.infer<Schema> {
  return schema.parse(JSON.parse(record.body));
}

/** Time kept for reporting and for the answer; a message that would start later comes again instead. */
const reserveMs = 2_000;

/**
 * Handles a batch one message after the other; those that fail are reported, the rest is done (I9). Of a FIFO queue, the
 * messages of a group that follow one that failed are reported with it, untouched, so that none overtakes it.
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
