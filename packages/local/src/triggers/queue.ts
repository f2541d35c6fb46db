import { setTimeout as sleep } from "node:timers/promises";
import {
  type BatchResultErrorEntry,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { EventSourceNode } from "../graph/stage-graph.ts";
import type { EmulatedResource } from "../resources/resource.ts";
import type { InvocationResult } from "../sandbox/function-pool.ts";
import type { InvocationError } from "../sandbox/protocol.ts";
import { readBatchOutcome } from "./batch-outcome.ts";
import { compileFilterPatterns, type RecordFilter } from "./filter-pattern.ts";
import { messageForFilter, type QueueRecord, toQueueRecord } from "./queue-record.ts";

/** Settings of a queue's trigger. */
export interface QueueTriggerSettings {
  readonly source: EventSourceNode;
  readonly queue: EmulatedResource;
  readonly sqs: SQSClient;
  readonly region: string;
  /** Most concurrent invocations, in addition to the event source's own limit. */
  readonly concurrency: number;
  readonly invoke: (event: unknown) => Promise<InvocationResult>;
  readonly onLog: (line: string) => void;
}

/** Most messages that SQS returns or deletes in one call. */
const RECEIVE_LIMIT = 10;
const LONG_POLL_SECONDS = 20;
/** Pause in milliseconds after an error of the queue itself. */
const PAUSE_MS = 200;

/**
 * Passes the messages of a queue to a function as Lambda's poller does: with long polls, batches and filters, and
 * deleting those that succeeded. A failed message stays hidden until its visibility timeout, and then comes back or
 * goes where the redrive policy says.
 */
export class QueueTrigger {
  readonly #settings: QueueTriggerSettings;
  readonly #url: string;
  readonly #passes: RecordFilter;
  readonly #stopping = new AbortController();
  #pollers: Promise<void>[] = [];
  #waitingForRetry: ReadonlySet<string> = new Set();

  constructor(settings: QueueTriggerSettings) {
    this.#settings = settings;
    if (settings.queue.url === null) throw new Error(`${settings.queue.logicalName} is not a queue`);
    this.#url = settings.queue.url;
    this.#passes = compileFilterPatterns(settings.source.filterPatterns, `queue ${settings.queue.logicalName}`);
  }

  /** Starts one poller per concurrent invocation, so that no message is received before it can be handled. */
  start(): void {
    const { source, concurrency } = this.#settings;
    const pollers = Math.min(source.maximumConcurrency ?? concurrency, concurrency);
    this.#pollers = Array.from({ length: pollers }, () => this.#poll());
  }

  /** Returns those of the receipt handles whose messages failed and stay hidden until their next attempt. */
  waitingForRetry(inFlight: readonly string[]): readonly string[] {
    // A message that is received again has a new handle, so handles that are no longer in flight are dropped.
    this.#waitingForRetry = new Set(inFlight.filter((handle) => this.#waitingForRetry.has(handle)));
    return [...this.#waitingForRetry];
  }

  /** Stops receiving, and resolves when the current batches are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#pollers);
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const messages = await this.#collect();
        if (messages.length > 0) await this.#deliver(messages);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#settings.onLog(`queue ${this.#settings.queue.logicalName}: ${error}`);
        await sleep(PAUSE_MS);
      }
    }
  }

  /**
   * Collects a batch: the messages available at once, and those that arrive within the window until the batch is full.
   */
  async #collect(): Promise<Message[]> {
    const { batchSize, maximumBatchingWindowSeconds } = this.#settings.source;
    const batch = await this.#receive(Math.min(batchSize, RECEIVE_LIMIT), LONG_POLL_SECONDS);
    const closesMs = performance.now() + maximumBatchingWindowSeconds * 1_000;
    while (batch.length > 0 && batch.length < batchSize && maximumBatchingWindowSeconds > 0) {
      const leftSeconds = (closesMs - performance.now()) / 1_000;
      if (leftSeconds <= 0 || this.#stopping.signal.aborted) break;
      const waitSeconds = Math.min(LONG_POLL_SECONDS, Math.ceil(leftSeconds));
      batch.push(...(await this.#receive(Math.min(batchSize - batch.length, RECEIVE_LIMIT), waitSeconds)));
    }
    return batch;
  }

  async #receive(limit: number, waitSeconds: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: limit,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    const { Messages } = await this.#settings.sqs.send(command, { abortSignal: this.#stopping.signal });
    return Messages ?? [];
  }

  async #deliver(messages: readonly Message[]): Promise<void> {
    const { source, queue, region, invoke } = this.#settings;
    const records = messages.map((message) => toQueueRecord(message, queue.arn, region));
    const passing = records.filter((record) => this.#passes(messageForFilter(record)));
    const done = new Set(records.filter((record) => !passing.includes(record)));
    if (passing.length > 0) {
      const result = await invoke({ Records: passing });
      const ids = passing.map(({ messageId }) => messageId);
      const outcome = readBatchOutcome(result, ids, source.reportBatchItemFailures);
      const failed = passing.filter(({ messageId }) => outcome.kind === "failed" && outcome.identifiers.has(messageId));
      for (const record of passing) if (!failed.includes(record)) done.add(record);
      if (!result.ok) this.#logFailure(failed.length, result.error);
      const handles = failed.map(({ receiptHandle }) => receiptHandle);
      this.#waitingForRetry = new Set([...this.#waitingForRetry, ...handles]);
    }
    await this.#delete([...done]);
  }

  /** Logs a failed batch, since a function that was killed or timed out cannot do so itself. */
  #logFailure(messages: number, { errorType, errorMessage }: InvocationError): void {
    const { queue, source, onLog } = this.#settings;
    onLog(
      `queue ${queue.logicalName}: ${source.functionName} failed over ${messages} messages: ${errorType}: ${errorMessage}`,
    );
  }

  async #delete(records: readonly QueueRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += RECEIVE_LIMIT) {
      const entries = records
        .slice(start, start + RECEIVE_LIMIT)
        .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries: entries });
      const { Failed = [] } = await this.#settings.sqs.send(command);
      for (const failure of Failed) this.#settings.onLog(describe(failure, this.#settings.queue.logicalName));
    }
  }
}

function describe(failure: BatchResultErrorEntry, queue: string): string {
  return `queue ${queue}: a message was not deleted and will come back: ${failure.Code} ${failure.Message ?? ""}`;
}
