import { randomUUID } from "node:crypto";
import type { InvocationError } from "../sandbox/protocol.ts";
import type { StreamRecord } from "./stream-record.ts";

/**
 * The message that Lambda sends to the on-failure queue of an event source. It holds the position of the records, not
 * the records.
 */
export interface FailureNotice {
  readonly version: "1.0";
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: "RetryAttemptsExhausted";
    readonly approximateInvokeCount: number;
  };
  readonly responseContext: {
    readonly statusCode: 200;
    readonly executedVersion: "$LATEST";
    readonly functionError: string;
  };
  /** Why the last delivery failed. Lambda does not send this; there one must search the logs. */
  readonly responsePayload: InvocationError;
  readonly DDBStreamBatchInfo: {
    readonly streamArn: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
  };
}

/** Builds the notice for records that were given up, oldest first. There must be at least one. */
export function failureNotice(given: {
  readonly records: readonly StreamRecord[];
  readonly cause: InvocationError;
  readonly deliveries: number;
  readonly functionArn: string;
  readonly streamArn: string;
}): FailureNotice {
  const first = given.records[0]?.dynamodb;
  const last = given.records.at(-1)?.dynamodb;
  if (first === undefined || last === undefined) throw new Error("A failure notice is of one record at least");
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: given.functionArn,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: given.deliveries,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: given.cause,
    DDBStreamBatchInfo: {
      streamArn: given.streamArn,
      startSequenceNumber: first.SequenceNumber,
      endSequenceNumber: last.SequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.ApproximateCreationDateTime * 1_000).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.ApproximateCreationDateTime * 1_000).toISOString(),
      batchSize: given.records.length,
    },
  };
}
