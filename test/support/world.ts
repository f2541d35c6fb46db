import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import { type CallEvent, callEvent, type MarginRow } from "@plimsoll/schema";
import { loadBlock } from "@plimsoll/store";
import type { Context, SQSBatchResponse } from "aws-lambda";
import { vi } from "vitest";
import { FaultInjector } from "./faults.ts";
import { type Functions, importFunctions } from "./functions.ts";
import {
  groupOf,
  lambdaContext,
  type QueueName,
  queueRecord,
  startTestStage,
  streamRecord,
  type TestStage,
} from "./stage.ts";
import { btcQuotes, quoteBatchOf, quoteRequest, tick } from "./venue.ts";

/** What the network does to the messages of a queue: their order, their number, and which of them come now. */
export interface Network {
  deliver(messages: string[]): { now: string[]; later: string[] };
  /** How many consumers of a queue run at once, and whose call is next of those that wait. */
  readonly consumers: number;
  pick(count: number): number;
}

export const perfectNetwork: Network = {
  deliver: (messages) => ({ now: messages, later: [] }),
  consumers: 1,
  pick: () => 0,
};

/** Tries at a batch before the stream goes on without it, as the stacks have it. */
const streamTriesMost = 4;

/**
 * A stage whose functions run in processes that may die at any write, fed by queues that may repeat, reorder, delay and
 * lose. Everything that happens is decided by whoever calls.
 */
export class World {
  readonly stage: TestStage;
  readonly functions: Functions;
  readonly faults: FaultInjector;
  network: Network = perfectNetwork;
  /** The last record of the stream that was dealt with. */
  #position: _Record | undefined;
  #messages = 0;
  #streamTries = 0;

  private constructor(stage: TestStage, functions: Functions) {
    this.stage = stage;
    this.functions = functions;
    this.faults = new FaultInjector(stage);
  }

  static async open(shardCount: number): Promise<World> {
    const settings = { stage: "sim", environment: "local", shardCount, priceTriggerBps: 50, quoteMaxAgeMs: 60_000 };
    const stage = await startTestStage(settings);
    return new World(stage, await importFunctions());
  }

  /** Forgets everything but the processes' own memory. */
  async clear(): Promise<void> {
    await this.stage.clear();
    this.#position = (await this.stage.readStream(this.#position)).at(-1) ?? this.#position;
  }

  async quote(price: number, atMs: number, source = "venue"): Promise<void> {
    const request = quoteRequest(quoteBatchOf(btcQuotes(price), atMs, source), atMs);
    await this.faults.run(() => this.functions.ingestPrices(request, lambdaContext("IngestPrices")));
  }

  /** The schedule's tick; EventBridge tries four times. */
  async tick(atMs: number): Promise<void> {
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const answer = await this.faults.run(async () => {
        await this.functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
        return "done";
      });
      if (answer !== null) return;
    }
  }

  /** One round of deliveries; failed messages go back to their queue. True when there was anything to deliver. */
  async deliver(queue: "AccountEvents" | "AccountGaps" | "SweepRequests" | "ShardWork"): Promise<boolean> {
    const handlers = {
      AccountEvents: { handler: this.functions.ingestAccounts, batchSize: 10 },
      AccountGaps: { handler: this.functions.onGap, batchSize: 10 },
      SweepRequests: { handler: this.functions.onRequest, batchSize: 10 },
      ShardWork: { handler: this.functions.computeShard, batchSize: 1 },
    };
    const { handler, batchSize } = handlers[queue];
    const { now, later } = this.network.deliver(await this.stage.take(queue));
    await this.#giveBack(queue, later);
    const batches: string[][] = [];
    for (let start = 0; start < now.length; start += batchSize) batches.push(now.slice(start, start + batchSize));
    const { consumers, pick } = this.network;
    for (let start = 0; start < batches.length; start += consumers) {
      const together = batches
        .slice(start, start + consumers)
        .map((bodies) => this.#invocation(handler, bodies, queue === "AccountEvents"));
      const answers = await this.faults.runTogether(
        together.map(({ invoke }) => invoke),
        pick,
      );
      for (const [index, answer] of answers.entries()) {
        await this.#giveBack(queue, together[index]?.failedBodies(answer) ?? []);
      }
    }
    return now.length + later.length > 0;
  }

  #invocation(
    handler: (event: unknown, context: Context) => Promise<SQSBatchResponse>,
    bodies: readonly string[],
    isFifo: boolean,
  ) {
    const records = bodies.map((body) => {
      this.#messages += 1;
      // Worse than any FIFO queue: events of one account reach several consumers at once, in any order.
      return queueRecord(body, `message-${this.#messages}`, 0, isFifo ? groupOf(body) : undefined);
    });
    return {
      invoke: () => handler({ Records: records }, lambdaContext("worker")),
      /** A killed process fails all that it had. */
      failedBodies: (answer: SQSBatchResponse | null): readonly string[] => {
        if (answer === null) return bodies;
        const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        return bodies.filter((_, index) => failed.has(records[index]?.messageId ?? ""));
      },
    };
  }

  async #giveBack(queue: QueueName, bodies: readonly string[]): Promise<void> {
    for (const body of bodies) await this.stage.send(queue, body);
  }

  /** The stream's poller: hands events over in order, again when that failed, and after so many tries goes on without them. */
  async publish(): Promise<void> {
    const records = await this.stage.readStream(this.#position);
    const events = records.filter(
      ({ eventName, dynamodb }) => eventName === "INSERT" && dynamodb?.Keys?.sk?.S?.startsWith("EVENT#"),
    );
    if (events.length > 0) {
      this.#streamTries += 1;
      const answer = await this.faults.run(() =>
        this.functions.publishCalls({ Records: events.map(streamRecord) }, lambdaContext("PublishCalls")),
      );
      const isDone = answer !== null && answer.batchItemFailures.length === 0;
      if (!isDone && this.#streamTries < streamTriesMost) return;
    }
    this.#streamTries = 0;
    this.#position = records.at(-1) ?? this.#position;
  }

  /** A run of the republisher, some minutes after what was committed last. */
  async republish(): Promise<void> {
    vi.setSystemTime(Date.now() + 5 * 60_000);
    try {
      await this.faults.run(async () => {
        await this.functions.republishCalls(tick(Date.now()), lambdaContext("RepublishCalls"));
        return "done";
      });
    } finally {
      vi.useRealTimers();
    }
  }

  /** No more faults: everything outstanding is delivered until nothing is left. */
  async heal(): Promise<void> {
    this.network = perfectNetwork;
    this.faults.plan = { next: () => null };
    this.stage.snsGateway.isOpen = true;
    for (let round = 0; round < 20; round += 1) {
      const moved = [
        await this.deliver("AccountEvents"),
        await this.deliver("AccountGaps"),
        await this.deliver("SweepRequests"),
        await this.deliver("ShardWork"),
      ];
      await this.publish();
      if (!moved.includes(true)) return this.republish();
    }
    throw new Error("The world does not come to rest");
  }

  async rows(shardCount: number): Promise<MarginRow[]> {
    const margin = this.stage.table("Margin");
    const blocks = await Promise.all(Array.from({ length: shardCount }, (_, shard) => loadBlock(margin, shard)));
    return blocks.flatMap(({ block }) => block?.rows ?? []);
  }

  async published(): Promise<CallEvent[]> {
    return (await this.stage.drain("Published")).map((message) => callEvent.parse(message));
  }
}
