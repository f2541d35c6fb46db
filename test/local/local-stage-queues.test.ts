import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type LocalStage, startLocalStage } from "@plimsoll/local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { receiveAll } from "../support/local/messages.ts";
import { eventSourceNode, graphOf, queueNode, Workshop } from "../support/local/stage.ts";

let workshop: Workshop;
let stage: LocalStage;
let sqs: SQSClient;

const deadLetters = queueNode("DeadLetters");
const redrive = { deadLetterArn: deadLetters.arn, maxReceiveCount: 2 };
const work = queueNode("Work", { redrive, visibilityTimeoutSeconds: 2 });
const plain = queueNode("Plain", { redrive, visibilityTimeoutSeconds: 2 });
const patient = queueNode("Patient", { redrive, visibilityTimeoutSeconds: 8 });
const picky = queueNode("Picky");
const windowed = queueNode("Windowed");
const narrow = queueNode("Narrow");
const ordered = queueNode("Ordered", { name: "test-Ordered.fifo", fifo: true });

beforeAll(async () => {
  workshop = await Workshop.open();
  const names = ["Work", "Plain", "Patient", "Picky", "Windowed", "Narrow", "Ordered"];
  stage = await startLocalStage({
    graph: graphOf({
      queues: [work, deadLetters, plain, patient, picky, windowed, narrow, ordered],
      functions: names.map((name) => workshop.functionNode(name, "onQueue")),
      eventSources: [
        eventSourceNode("Work", work.arn),
        eventSourceNode("Plain", plain.arn, { reportBatchItemFailures: false }),
        eventSourceNode("Patient", patient.arn),
        eventSourceNode("Picky", picky.arn, { filterPatterns: ['{"body":{"id":[{"prefix":"yes"}]}}'] }),
        eventSourceNode("Windowed", windowed.arn, { batchSize: 25, maximumBatchingWindowSeconds: 1 }),
        eventSourceNode("Narrow", narrow.arn, { batchSize: 1, maximumConcurrency: 2 }),
        eventSourceNode("Ordered", ordered.arn, { batchSize: 1 }),
      ],
    }),
    schedules: "manual",
    concurrency: 4,
  });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  sqs = new SQSClient({ region: stage.region, endpoint: stage.endpoints.sqs, credentials });
  // A cold start on a busy machine may last as long as the short visibility timeouts here.
  await Promise.all(["Work", "Plain", "Patient"].map((name) => stage.invoke(name, { Records: [] })));
});

beforeEach(() => workshop.forget());

afterAll(async () => {
  sqs.destroy();
  await stage.stop();
  workshop.close();
});

async function send(queue: string, ...bodies: object[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const entries = bodies.slice(start, start + 10).map((body, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(body),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: stage.resolve(queue).url ?? "", Entries: entries }));
  }
}

const idOf = (line: string) => line.split(" ")[1];

describe("a consumed queue", () => {
  it("has its successes deleted and only its failures delivered again, then redriven", async () => {
    await send("Work", { id: "good" }, { id: "bad", action: "fail" }, { id: "fine" });
    await stage.waitUntilIdle();
    const deliveries = workshop
      .trace("queue")
      .map(idOf)
      .filter((id) => id !== "end");
    expect(deliveries.toSorted()).toEqual(["bad", "bad", "fine", "good"]);
    expect(workshop.trace("queue bad").map((line) => line.split("receive=")[1])).toEqual(["1", "2"]);
    expect(stage.deadLetters()).toEqual({ DeadLetters: 1 });
    const [dead] = await receiveAll(sqs, stage.resolve("DeadLetters").url);
    expect(dead).toBe('{"id":"bad","action":"fail"}');
    expect(stage.deadLetters()).toEqual({ DeadLetters: 0 });
  });

  it("has a whole batch delivered again when the function throws", async () => {
    await send("Plain", { id: "innocent" }, { id: "thrower", action: "throw" });
    await stage.waitUntilIdle();
    expect(workshop.trace("queue thrower").length).toBeGreaterThanOrEqual(2);
    expect(stage.statistics().Plain?.errors).toBeGreaterThanOrEqual(2);
    const dead = await receiveAll(sqs, stage.resolve("DeadLetters").url);
    expect(dead).toContain('{"id":"thrower","action":"throw"}');
  });

  it("without ReportBatchItemFailures has its batch deleted whatever the function reports", async () => {
    await send("Plain", { id: "reported", action: "fail" });
    await stage.waitUntilIdle();
    expect(workshop.trace("queue reported")).toHaveLength(1);
    expect(stage.deadLetters()).toEqual({ DeadLetters: 0 });
  });

  it("has what its filter refuses dropped, as on AWS", async () => {
    await send("Picky", { id: "no-1" }, { id: "yes-1" }, { id: "no-2" });
    await sqs.send(new SendMessageCommand({ QueueUrl: stage.resolve("Picky").url ?? "", MessageBody: "no JSON" }));
    await stage.waitUntilIdle();
    expect(workshop.trace("queue").map(idOf)).toEqual(["yes-1", "end"]);
    expect(stage.statistics().Picky?.errors).toBe(0);
  });

  it("is gathered within its window into batches larger than one receive", async () => {
    await send("Windowed", ...Array.from({ length: 20 }, (_, index) => ({ id: `w${index}` })));
    await stage.waitUntilIdle();
    const sizes = workshop.trace("queue w").map((line) => Number(line.split("batch=")[1]?.split(" ")[0]));
    expect(sizes).toHaveLength(20);
    expect(Math.max(...sizes)).toBeGreaterThan(10);
  });

  it("runs no more invocations at once than its maximum concurrency", async () => {
    await send("Narrow", ...Array.from({ length: 8 }, (_, index) => ({ id: `n${index}`, action: "sleep" })));
    await stage.waitUntilIdle();
    let running = 0;
    let most = 0;
    for (const line of workshop.trace("queue")) {
      running += line === "queue end" ? -1 : 1;
      most = Math.max(most, running);
    }
    expect(workshop.trace("queue n")).toHaveLength(8);
    expect(most).toBe(2);
    expect(stage.statistics().Narrow?.coldStarts).toBe(2);
  });

  it("that is FIFO keeps the order of a group", async () => {
    for (const id of ["1", "2", "3", "4"]) {
      const message = { MessageBody: JSON.stringify({ id }), MessageGroupId: "g", MessageDeduplicationId: id };
      await sqs.send(new SendMessageCommand({ QueueUrl: stage.resolve("Ordered").url ?? "", ...message }));
    }
    await stage.waitUntilIdle();
    expect(
      workshop
        .trace("queue")
        .map(idOf)
        .filter((id) => id !== "end"),
    ).toEqual(["1", "2", "3", "4"]);
  });

  it("whose failed message waits for its next try is at rest for who does not wait for that", async () => {
    await send("Patient", { id: "bad", action: "fail" }, { id: "good" });
    const waiting = await stage.waitUntilIdle({ retries: "leave", timeoutMs: 20_000 });
    expect(waiting).toEqual([expect.stringMatching(/Patient.* has 1 that failed and wait for their next try/)]);
    expect(workshop.trace("queue bad")).toHaveLength(1);
    // A message that comes is work under way again.
    await send("Patient", { id: "slow", action: "sleep" });
    await stage.waitUntilIdle({ retries: "leave", timeoutMs: 20_000 });
    expect(workshop.trace("queue slow")).toHaveLength(1);
    await expect(stage.waitUntilIdle({ timeoutMs: 50 })).rejects.toThrow(/Patient.* 1 that failed and wait/);
    expect(await stage.waitUntilIdle({ retries: "wait", timeoutMs: 60_000 })).toEqual([]);
    expect(workshop.trace("queue bad").length).toBeGreaterThan(1);
    await receiveAll(sqs, stage.resolve("DeadLetters").url);
  });

  it("that is not empty in time is named", async () => {
    await send("Narrow", { id: "late", action: "sleep" });
    await expect(stage.waitUntilIdle({ timeoutMs: 20 })).rejects.toThrow(/not idle after 20 ms: .*Narrow/);
    await stage.waitUntilIdle();
  });
});
