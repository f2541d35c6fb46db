import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { EventSourceNode } from "../graph/stage-graph.ts";
import type { EmulatedResource } from "../resources/resource.ts";
import type { InvocationResult } from "../sandbox/function-pool.ts";
import type { InvocationError } from "../sandbox/protocol.ts";
import { readBatchOutcome } from "./batch-outcome.ts";
import type { Checkpoints, ShardPosition } from "./checkpoints.ts";
import { failureNotice } from "./failure-notice.ts";
import { compileFilterPatterns, type RecordFilter } from "./filter-pattern.ts";
import { listShards, type Shard, ShardReader } from "./shard-reader.ts";
import { type Delivery, deliverInOrder } from "./stream-batch.ts";
import { itemKey, type StreamRecord, toStreamRecord } from "./stream-record.ts";

/** Settings of a stream's trigger. */
export interface StreamTriggerSettings {
  readonly source: EventSourceNode;
  readonly table: EmulatedResource;
  /** The queue for records that are given up, or null. */
  readonly onFailure: EmulatedResource | null;
  readonly functionArn: string;
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly region: string;
  readonly checkpoints: Checkpoints;
  readonly invoke: (event: unknown) => Promise<InvocationResult>;
  readonly onLog: (line: string) => void;
}

/**
 * Pause between two reads in milliseconds. Lambda polls each shard four times per second; on one machine twice as often
 * costs nothing.
 */
const REST_MS = 120;

interface ActiveShard extends Shard {
  readonly reader: ShardReader;
  position: ShardPosition;
}

/**
 * Passes the records of a table's stream to a function as Lambda does: each shard in order, filtered, in batches, with
 * retries from the first failed record. The position is stored after each settled batch, so that it continues there
 * after a crash.
 */
export class StreamTrigger {
  readonly #settings: StreamTriggerSettings;
  readonly #streamArn: string;
  readonly #name: string;
  readonly #passes: RecordFilter;
  readonly #stopping = new AbortController();
  readonly #shards = new Map<string, ActiveShard>();
  #awaitingTip: (() => void)[] = [];
  #toldLast = "";
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(settings: StreamTriggerSettings) {
    this.#settings = settings;
    const { source, table } = settings;
    if (table.streamArn === null)
      throw new Error(`Table ${table.logicalName} has no stream for ${source.functionName}`);
    this.#streamArn = table.streamArn;
    this.#name = `${source.functionName} on ${table.name}`;
    this.#passes = compileFilterPatterns(source.filterPatterns, `the stream of ${table.logicalName}`);
  }

  /** Determines the starting position, then reads on in the background. */
  async start(): Promise<void> {
    const { source, table, checkpoints } = this.#settings;
    const earlier = checkpoints.find(this.#name, this.#streamArn);
    await this.#findShards(earlier?.shards ?? {});
    // A new table has nothing before the latest record, but one that existed may have much.
    if (earlier === undefined && source.startingPosition === "LATEST" && !table.created) await this.#skipToTip();
    this.#save();
    this.#running = this.#run();
  }

  /** Resolves once a read that began after this call has found nothing new and everything before it is settled. */
  reachTip(): Promise<void> {
    return new Promise((resolve) => {
      this.#awaitingTip.push(resolve);
      this.#wake();
    });
  }

  /** Stops reading. It resolves when the current batch is done, or its retry is left to the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const asked = this.#awaitingTip;
      this.#awaitingTip = [];
      const found = await this.#round();
      if (found) {
        this.#awaitingTip.unshift(...asked);
        continue;
      }
      for (const resolve of asked) resolve();
      if (this.#awaitingTip.length === 0) await this.#rest();
    }
  }

  /** Reads each shard once. Returns true if there were records, so that there may be more. */
  async #round(): Promise<boolean> {
    try {
      const open = [...this.#shards.values()].filter((shard) => this.#mayRead(shard));
      const found = await Promise.all(open.map((shard) => this.#advance(shard)));
      if (open.some(({ position }) => position.finished)) await this.#findShards({});
      return found.includes(true);
    } catch (error) {
      const line = `stream of ${this.#settings.table.logicalName}: ${error}`;
      // An error that stays, such as a full disk, is logged once and not in every round.
      if (!this.#stopping.signal.aborted && line !== this.#toldLast) this.#settings.onLog(line);
      this.#toldLast = line;
      await sleep(REST_MS);
      return true;
    }
  }

  #mayRead(shard: ActiveShard): boolean {
    if (shard.position.finished) return false;
    const parent = shard.parentShardId === undefined ? undefined : this.#shards.get(shard.parentShardId);
    return parent === undefined || parent.position.finished;
  }

  async #advance(shard: ActiveShard): Promise<boolean> {
    const { records, last } = await this.#collect(shard);
    // If the delivery was stopped half way, the position stays before the rest, which the next start reads again.
    if (!(await this.#deliverAll(shard, records))) return false;
    if (last !== undefined || shard.reader.ended) {
      shard.position = { after: last ?? shard.position.after, finished: shard.reader.ended };
      this.#save();
    }
    return last !== undefined;
  }

  /**
   * Collects the records that pass the filter until the batch is full or the window closes, and the newest sequence
   * number read.
   */
  async #collect(shard: ActiveShard): Promise<{ records: StreamRecord[]; last: string | undefined }> {
    const { source, region } = this.#settings;
    const records: StreamRecord[] = [];
    let last: string | undefined;
    let closesMs = Number.POSITIVE_INFINITY;
    for (;;) {
      const page = await shard.reader.read();
      last = page.at(-1)?.dynamodb?.SequenceNumber ?? last;
      records.push(
        ...page
          .map((record) => toStreamRecord(record, this.#streamArn, region))
          .filter((record) => this.#passes(record)),
      );
      if (records.length === 0 || records.length >= source.batchSize || shard.reader.ended) break;
      closesMs = Math.min(closesMs, performance.now() + source.maximumBatchingWindowSeconds * 1_000);
      if (performance.now() >= closesMs || this.#stopping.signal.aborted) break;
      await sleep(Math.min(REST_MS, closesMs - performance.now()));
    }
    return { records, last };
  }

  /**
   * Delivers records in order. With a parallelization factor it uses that many lanes, and only records of one item stay
   * in order.
   */
  async #deliverAll(shard: ActiveShard, records: readonly StreamRecord[]): Promise<boolean> {
    const { parallelizationFactor } = this.#settings.source;
    if (parallelizationFactor <= 1) return this.#deliverLane(records, (record) => this.#settle(shard, record));
    // Lanes settle together, since one position cannot say that a later record of another lane is done.
    const lanes = splitByItem(records, parallelizationFactor);
    const complete = await Promise.all(lanes.map((lane) => this.#deliverLane(lane, () => {})));
    return complete.every((done) => done);
  }

  async #deliverLane(records: readonly StreamRecord[], settle: (record: StreamRecord) => void): Promise<boolean> {
    const { source } = this.#settings;
    for (let start = 0; start < records.length; start += source.batchSize) {
      const complete = await deliverInOrder(records.slice(start, start + source.batchSize), source, {
        deliver: (batch) => this.#deliver(batch),
        settle,
        giveUp: (batch, cause, deliveries) => this.#giveUp(batch, cause, deliveries),
        signal: this.#stopping.signal,
      });
      if (!complete) return false;
    }
    return true;
  }

  async #deliver(records: readonly StreamRecord[]): Promise<Delivery> {
    const { source, invoke } = this.#settings;
    const result = await invoke({ Records: records });
    const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    const outcome = readBatchOutcome(result, numbers, source.reportBatchItemFailures);
    if (outcome.kind === "succeeded") return outcome;
    const firstFailed = numbers.findIndex((number) => outcome.identifiers.has(number));
    return { kind: "failed", firstFailed, cause: result.ok ? REPORTED : result.error };
  }

  async #giveUp(records: readonly StreamRecord[], cause: InvocationError, deliveries: number): Promise<void> {
    const { onFailure, functionArn, sqs, source, table, onLog } = this.#settings;
    const [first] = records;
    onLog(
      `stream of ${table.logicalName}: ${records.length} records from ${first?.dynamodb.SequenceNumber} on given up after ${deliveries} deliveries to ${source.functionName}: ${cause.errorType}: ${cause.errorMessage}`,
    );
    if (onFailure === null || onFailure.url === null) return;
    const notice = failureNotice({ records, cause, deliveries, functionArn, streamArn: this.#streamArn });
    await sqs.send(new SendMessageCommand({ QueueUrl: onFailure.url, MessageBody: JSON.stringify(notice) }));
  }

  #settle(shard: ActiveShard, record: StreamRecord): void {
    shard.position = { after: record.dynamodb.SequenceNumber, finished: false };
    this.#save();
  }

  #save(): void {
    const shards = Object.fromEntries([...this.#shards].map(([id, { position }]) => [id, position]));
    this.#settings.checkpoints.save(this.#name, { streamArn: this.#streamArn, shards });
  }

  async #findShards(positions: Readonly<Record<string, ShardPosition>>): Promise<void> {
    for (const shard of await listShards(this.#streamArn, this.#settings.streams)) {
      if (this.#shards.has(shard.shardId)) continue;
      const position = positions[shard.shardId] ?? { after: null, finished: false };
      const reader = new ShardReader(this.#settings.streams, this.#streamArn, shard.shardId, position);
      this.#shards.set(shard.shardId, { ...shard, reader, position });
    }
  }

  async #skipToTip(): Promise<void> {
    for (const shard of this.#shards.values()) {
      for (let page = await shard.reader.read(); page.length > 0; page = await shard.reader.read()) {
        const after = page.at(-1)?.dynamodb?.SequenceNumber ?? shard.position.after;
        shard.position = { after, finished: shard.reader.ended };
      }
    }
  }

  async #rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, REST_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The cause if the function ran but reported records as failed. */
const REPORTED: InvocationError = {
  errorType: "ReportBatchItemFailures",
  errorMessage: "the function reported the record as failed; its log says why",
  stackTrace: [],
};

function splitByItem(records: readonly StreamRecord[], lanes: number): StreamRecord[][] {
  const split: StreamRecord[][] = Array.from({ length: lanes }, () => []);
  for (const record of records) {
    let hash = 0;
    for (const character of itemKey(record)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
    split[Math.abs(hash) % lanes]?.push(record);
  }
  return split.filter((lane) => lane.length > 0);
}
