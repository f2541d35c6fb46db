import { describe, expect, it } from "vitest";
import { type Delivery, deliverInOrder, type RetryPolicy } from "../../packages/local/src/triggers/stream-batch.ts";
import type { StreamRecord } from "../../packages/local/src/triggers/stream-record.ts";

const cause = { errorType: "Error", errorMessage: "poisoned", stackTrace: [] };

/** Delivers records 1 to `count`; those in `poisoned` fail each time, and the log says what happened. */
async function run(count: number, policy: RetryPolicy, poisoned: readonly number[], reports: "place" | "error") {
  const log: string[] = [];
  const numbers = (records: readonly StreamRecord[]) =>
    records.map(({ dynamodb }) => dynamodb.SequenceNumber).join(" ");
  const batch = Array.from({ length: count }, (_, index) => recordOf(index + 1));
  const complete = await deliverInOrder(batch, policy, {
    async deliver(records): Promise<Delivery> {
      log.push(`deliver ${numbers(records)}`);
      const found = records.findIndex(({ dynamodb }) => poisoned.includes(Number(dynamodb.SequenceNumber)));
      if (found < 0) return { kind: "succeeded" };
      return { kind: "failed", firstFailed: reports === "place" ? found : 0, cause };
    },
    settle: ({ dynamodb }) => log.push(`settle ${dynamodb.SequenceNumber}`),
    async giveUp(records, reason, deliveries) {
      log.push(`give up ${numbers(records)} after ${deliveries}: ${reason.errorMessage}`);
    },
    signal: new AbortController().signal,
  });
  expect(complete).toBe(true);
  return log;
}

function recordOf(number: number): StreamRecord {
  return {
    eventID: `${number}`,
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    eventSourceARN: "arn",
    awsRegion: "eu-central-1",
    dynamodb: {
      ApproximateCreationDateTime: 0,
      Keys: { pk: { S: `${number}` } },
      SequenceNumber: `${number}`,
      SizeBytes: 1,
      StreamViewType: "NEW_IMAGE",
    },
  };
}

describe("delivery of a stream's batch", () => {
  it("settles a good batch at its last record", async () => {
    const policy = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 };
    expect(await run(3, policy, [], "error")).toEqual(["deliver 1 2 3", "settle 3"]);
  });

  it("halves a batch that throws until the poisoned record is alone, in order, and gives up that one only", async () => {
    const policy = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 };
    expect(await run(4, policy, [2], "error")).toEqual([
      "deliver 1 2 3 4",
      "deliver 1 2",
      "deliver 1",
      "settle 1",
      "deliver 2",
      "deliver 2",
      "give up 2 after 2: poisoned",
      "settle 2",
      "deliver 3 4",
      "settle 4",
    ]);
  });

  it("goes on from a reported place without repeating what came before it", async () => {
    const policy = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 };
    expect(await run(4, policy, [3], "place")).toEqual([
      "deliver 1 2 3 4",
      "settle 2",
      "deliver 3 4",
      "deliver 3",
      "give up 3 after 1: poisoned",
      "settle 3",
      "deliver 4",
      "settle 4",
    ]);
  });

  it("without halving gives up all that is left, as Lambda does", async () => {
    const policy = { bisectBatchOnFunctionError: false, maximumRetryAttempts: 1 };
    expect(await run(3, policy, [2], "place")).toEqual([
      "deliver 1 2 3",
      "settle 1",
      "deliver 2 3",
      "give up 2 3 after 2: poisoned",
      "settle 3",
    ]);
  });

  it("settles nothing more once the stage stops", async () => {
    const stopping = new AbortController();
    const settled: string[] = [];
    const complete = await deliverInOrder(
      [recordOf(1), recordOf(2)],
      { bisectBatchOnFunctionError: false, maximumRetryAttempts: 0 },
      {
        async deliver() {
          stopping.abort();
          return { kind: "failed", firstFailed: 1, cause };
        },
        settle: ({ dynamodb }) => settled.push(dynamodb.SequenceNumber),
        giveUp: () => Promise.reject(new Error("a stop gives nothing up")),
        signal: stopping.signal,
      },
    );
    expect(complete).toBe(false);
    expect(settled).toEqual(["1"]);
  });
});
